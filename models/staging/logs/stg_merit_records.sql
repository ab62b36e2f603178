{%- set columns = raw_columns_of('merit_records') %}
{%- set ids = ['hall_id', 'subject_id', 'approved_by'] %}

with

source_rows as (

    select
        {{ raw_date(columns, 'date') }} as merit_date,
        coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_text(columns, 'subject_type') }} as subject_type,
        {{ raw_id(columns, 'subject_id') }} as recorded_subject_id,
        {{ raw_text(columns, 'kind', 255) }} as kind,
        {{ raw_number(columns, 'quantity') }} as quantity,
        {{ raw_id(columns, 'approved_by') }} as approved_by,
        {{ id_issue(columns, ids) }} as id_issue,
        {{ has_long_id(columns, ids) }} as has_long_id
    from {{ raw_table('merit_records', columns) }}

),

named as (

    select
        source_rows.*,
        -- A hall needs no second id.
        case when subject_type = 'hall' then hall_id else recorded_subject_id end as subject_id
    from source_rows

),

rejected as (

    select
        named.*,
        nullif(concat_ws(
            ', ', id_issue, case when has_long_id then 'long_id' end
        ), '') as issue,
        case
            when merit_date is null then 'bad_date'
            when subject_id is null or coalesce(subject_type, '') not in ('hall', 'department', 'window', 'clerk')
                then 'bad_subject'
            when coalesce(quantity, 0) <= 0 then 'bad_quantity'
            when approved_by is null then 'not_approved'
        end as reject_reason
    from named

)

select
    merit_date,
    hall_id,
    subject_type,
    subject_id,
    kind,
    cast(quantity as decimal(20, 10)) as quantity,
    approved_by,
    reject_reason,
    issue,
    {{ row_outcome('coalesce(merit_date > ' ~ as_of_date() ~ ', 0)') }} as outcome
from rejected
