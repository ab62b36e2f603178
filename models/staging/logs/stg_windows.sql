{%- set columns = raw_columns_of('windows') %}

with

source_rows as (

    select
        coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_id(columns, 'window_id') }} as window_id,
        {{ raw_text(columns, 'window_name', 255) }} as window_name,
        {{ raw_id(columns, 'department') }} as department,
        {{ raw_date(columns, 'opened_on') }} as opened_on,
        {{ raw_date(columns, 'closed_on') }} as closed_on
    from {{ raw_table('windows', columns) }}

)

select
    hall_id,
    window_id,
    max(window_name) as window_name,
    max(department) as department,
    {{ date_aggregate('min', 'opened_on') }} as opened_on,
    case when count(*) = count(closed_on) then {{ date_aggregate('max', 'closed_on') }} end as closed_on
from source_rows
where window_id is not null
group by hall_id, window_id
