{%- set columns = raw_columns_of('audit_samples') %}

with

source_rows as (

    select
        {{ raw_id(columns, 'audit_id') }} as audit_id,
        {{ raw_id(columns, 'log_id') }} as log_id,
        {{ raw_datetime(columns, 'audited_at') }} as audited_at,
        {{ raw_id(columns, 'auditor') }} as auditor,
        {{ raw_number(columns, 'audited_process_time') }} as audited_minutes,
        {{ raw_number(columns, 'audited_is_completed') }} as audited_is_completed
    from {{ raw_table('audit_samples', columns) }}

),

numbered as (

    select
        source_rows.*,
        row_number() over (
            partition by audit_id order by audited_at, log_id, auditor, audited_minutes, audited_is_completed
        ) as copy_number
    from source_rows

)

select
    audit_id,
    log_id,
    audited_at,
    coalesce(auditor, 'unknown') as auditor,
    case when audited_minutes >= 0 then cast(audited_minutes as decimal(20, 10)) end as audited_minutes,
    case when audited_is_completed in (0, 1) then audited_is_completed end as audited_is_completed
from numbered
where audit_id is not null and copy_number = 1 and coalesce(audited_at < {{ as_of_moment() }}, 1)
