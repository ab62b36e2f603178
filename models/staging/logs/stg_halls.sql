{%- set columns = raw_columns_of('halls') %}

with

source_rows as (

    select
        {{ raw_id(columns, 'hall_id') }} as hall_id,
        {{ raw_text(columns, 'hall_name', 255) }} as hall_name,
        {{ raw_text(columns, 'region', 255) }} as region,
        {{ raw_id(columns, 'peer_group') }} as peer_group,
        {{ raw_date(columns, 'opened_on') }} as opened_on,
        {{ raw_date(columns, 'closed_on') }} as closed_on
    from {{ raw_table('halls', columns) }}

)

select
    hall_id,
    max(hall_name) as hall_name,
    max(region) as region,
    max(peer_group) as peer_group,
    {{ date_aggregate('min', 'opened_on') }} as opened_on,
    case when count(*) = count(closed_on) then {{ date_aggregate('max', 'closed_on') }} end as closed_on
from source_rows
where hall_id is not null
group by hall_id
