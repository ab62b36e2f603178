-- Low ratings and complaints due for a callback, and those called back in time, by subject and period. The
-- parameters in force on the first day of the period apply. A rating has a day and no time: its deadline runs from
-- the end of that day.
{{ config(materialized='incremental') }}

with

negative_feedback as (

    select
        feedback_date as feedback_day,
        rating,
        hall_id,
        window_id,
        clerk_id,
        callback_time < {{ as_of_moment() }} as is_called_back,
        {{ rating_hours_to_callback() }} as hours_to_callback
    from {{ ref('int_ratings') }}
    where
        outcome in ('counted', 'repaired')
        and is_callback_timed
        and rating <= {{ largest_parameter('negative_rating') }}
    union all
    select
        complaint_date as feedback_day, null as rating, hall_id, window_id, clerk_id, is_called_back, hours_to_callback
    from {{ ref('int_complaints') }}
    where is_callback_timed

),

judged as (

    select
        periods.period_type,
        periods.period_start,
        feedback.hall_id,
        feedback.window_id,
        feedback.clerk_id,
        windows.department,
        coalesce(feedback.is_called_back, 0) and feedback.hours_to_callback <= periods.callback_deadline_hours
            as is_in_time
    from negative_feedback as feedback
    inner join {{ ref('int_period_days') }} as days on feedback.feedback_day = days.calendar_date
    inner join {{ ref('int_periods') }} as periods
        on days.period_type = periods.period_type
        and days.period_start = periods.period_start
        and (feedback.rating <= periods.negative_rating or feedback.rating is null)
    left join {{ ref('stg_windows') }} as windows
        on feedback.hall_id = windows.hall_id and feedback.window_id = windows.window_id
    where
        (coalesce(feedback.is_called_back, 0) or feedback.hours_to_callback > periods.callback_deadline_hours)
        and periods.callback_deadline_hours is not null
        and periods.negative_rating is not null
        and {{ in_slices('days.period_type, days.period_start') }}

),

-- Read once for all subject types.
subject_callbacks as (

    select
        judged.period_type,
        judged.period_start,
        judged.hall_id,
        types.subject_type,
        {{ subject_id_of_type('judged', 'judged') }} as subject_id,
        judged.is_in_time
    from judged
    inner join {{ subject_types() }} as types on 1 = 1

)

select
    period_type,
    period_start,
    hall_id,
    cast(subject_type as char(16)) as subject_type,
    cast(subject_id as char(64)) as subject_id,
    count(*) as callback_due_count,
    cast(sum(is_in_time) as signed) as callback_count
from subject_callbacks
where subject_id is not null
group by period_type, period_start, hall_id, subject_type, subject_id
