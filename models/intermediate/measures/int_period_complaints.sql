-- Complaints by subject and period. The deadline in force on the first day of the period applies.
{{ config(materialized='incremental') }}

with

complaints as (

    select complaints.*, windows.department
    from {{ ref('int_complaints') }} as complaints
    left join {{ ref('stg_windows') }} as windows
        on complaints.hall_id = windows.hall_id and complaints.window_id = windows.window_id

),

subject_complaints as (

    {% for subject_type, subject_column in scored_subjects().items() -%}
    select
        hall_id, '{{ subject_type }}' as subject_type, {{ subject_column }} as subject_id,
        complaint_date, is_upheld, is_timed, is_resolved, hours_open, window_id, clerk_id
    from complaints
    where {{ subject_column }} is not null
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    days.period_type,
    days.period_start,
    complaints.hall_id,
    cast(complaints.subject_type as char(16)) as subject_type,
    cast(complaints.subject_id as char(64)) as subject_id,
    count(*) as complaint_count,
    cast(sum(coalesce(complaints.is_upheld, 0)) as signed) as upheld_count,
    cast(sum(complaints.window_id is not null) as signed) as complaint_window_count,
    cast(sum(complaints.clerk_id is not null) as signed) as complaint_clerk_count,
    cast(sum(
        complaints.is_timed
        and periods.complaint_deadline_hours is not null
        and (complaints.is_resolved or complaints.hours_open > periods.complaint_deadline_hours)
    ) as signed) as due_count,
    cast(sum(
        complaints.is_timed and complaints.is_resolved and complaints.hours_open <= periods.complaint_deadline_hours
    ) as signed) as timely_count
from subject_complaints as complaints
inner join {{ ref('int_period_days') }} as days on complaints.complaint_date = days.calendar_date
inner join {{ ref('int_periods') }} as periods
    on days.period_type = periods.period_type and days.period_start = periods.period_start
where {{ in_slices('days.period_type, days.period_start') }}
group by days.period_type, days.period_start, complaints.hall_id, complaints.subject_type, complaints.subject_id
