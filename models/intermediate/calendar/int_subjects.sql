-- The subjects that are measured, and from when to when each exists.
{{ config(primary_key=['hall_id', 'subject_type', 'subject_id']) }}

with

complaints as (

    select complaints.*, windows.department
    from {{ ref('int_complaints') }} as complaints
    left join {{ ref('stg_windows') }} as windows
        on complaints.hall_id = windows.hall_id and complaints.window_id = windows.window_id

),

-- A query of its own, so that the server reads only the ends of the index.
active as (

    select hall_id, subject_type, subject_id, min(activity_date) as first_record, max(activity_date) as last_record
    from {{ ref('int_subject_days') }}
    group by hall_id, subject_type, subject_id

),

recorded as (

    select hall_id, subject_type, subject_id, min(first_record) as first_record, max(last_record) as last_record
    from (
        select * from active
        {% for subject_type, subject_column in scored_subjects().items() -%}
        union all
        select
            hall_id, '{{ subject_type }}' as subject_type, {{ subject_column }} as subject_id,
            complaint_date as first_record, complaint_date as last_record
        from complaints
        where {{ subject_column }} is not null
        {% endfor %}
    ) as records
    group by hall_id, subject_type, subject_id

),

listed as (

    select hall_id, 'hall' as subject_type, hall_id as subject_id, opened_on, closed_on
    from {{ ref('stg_halls') }}
    union all
    select hall_id, 'window' as subject_type, window_id as subject_id, opened_on, closed_on
    from {{ ref('stg_windows') }}
    union all
    select hall_id, 'clerk' as subject_type, clerk_id as subject_id, opened_on, closed_on
    from {{ ref('stg_clerks') }}

),

named as (

    select hall_id, subject_type, subject_id from recorded where subject_type <> 'department'
    union distinct
    select hall_id, subject_type, subject_id from listed

),

months_after as (

    select cast(parameter_value as signed) as active_months
    from {{ ref('stg_metric_parameters') }}
    where parameter = 'active_months_after_last_record' and {{ as_of_date() }} between valid_from and valid_to

),

existing as (

    select
        named.hall_id,
        named.subject_type,
        named.subject_id,
        coalesce(
            least(listed.opened_on, recorded.first_record),
            listed.opened_on,
            recorded.first_record,
            hall_records.first_record,
            cast({{ as_of_date() }} as date)
        ) as exists_from,
        case
            when listed.closed_on is not null
                then greatest(listed.closed_on, coalesce(recorded.last_record, listed.closed_on))
            when listed.subject_id is not null then cast({{ as_of_date() }} as date)
            else date_add(recorded.last_record, interval coalesce(months_after.active_months, 0) month)
        end as exists_until
    from named
    left join recorded
        on named.hall_id = recorded.hall_id
        and named.subject_type = recorded.subject_type
        and named.subject_id = recorded.subject_id
    left join listed
        on named.hall_id = listed.hall_id
        and named.subject_type = listed.subject_type
        and named.subject_id = listed.subject_id
    left join recorded as hall_records
        on named.hall_id = hall_records.hall_id and hall_records.subject_type = 'hall'
    left join months_after on 1 = 1

),

departments as (

    select
        existing.hall_id,
        'department' as subject_type,
        windows.department as subject_id,
        min(existing.exists_from) as exists_from,
        max(existing.exists_until) as exists_until
    from existing
    inner join {{ ref('stg_windows') }} as windows
        on existing.hall_id = windows.hall_id and existing.subject_id = windows.window_id
    where existing.subject_type = 'window' and windows.department is not null
    group by existing.hall_id, windows.department

),

subjects as (

    select * from existing
    union all
    select * from departments

)

select
    cast(hall_id as char(64)) as hall_id,
    cast(subject_type as char(16)) as subject_type,
    cast(subject_id as char(64)) as subject_id,
    exists_from,
    exists_until
from subjects
