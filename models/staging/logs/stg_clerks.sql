{%- set columns = raw_columns_of('clerks') %}

with

source_rows as (

    select
        coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_id(columns, 'clerk_id') }} as clerk_id,
        {{ raw_text(columns, 'clerk_name', 255) }} as clerk_name,
        {{ raw_date(columns, 'opened_on') }} as opened_on,
        {{ raw_date(columns, 'closed_on') }} as closed_on
    from {{ raw_table('clerks', columns) }}

)

select
    hall_id,
    clerk_id,
    max(clerk_name) as clerk_name,
    {{ date_aggregate('min', 'opened_on') }} as opened_on,
    case when count(*) = count(closed_on) then {{ date_aggregate('max', 'closed_on') }} end as closed_on
from source_rows
where clerk_id is not null
group by hall_id, clerk_id
