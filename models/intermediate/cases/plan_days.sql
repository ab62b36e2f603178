-- Hashes of what each day's measures are built from. A day whose hash has changed is built again. A null hash means
-- that the day has no such rows.
{{ config(tags=['plan']) }}
{%- set rating_days = largest_parameter('rating_case_days') %}
{%- set callback_days = largest_parameter('callback_deadline_hours') // 24 + 2 %}

with

complaints as (

    select
        complaints.*,
        -- An open complaint changes when it passes its deadline. The time is only compared, never added to: adding
        -- to 9999-12-31 would stop the build.
        case
            when resolution_time is null
                then (
                    select count(*)
                    from {{ ref('stg_metric_parameters') }} as deadlines
                    where
                        deadlines.parameter = 'complaint_deadline_hours'
                        and complaints.complaint_time
                        < {{ as_of_moment() }} - interval deadlines.parameter_value * 3600 second
                )
        end as deadlines_passed,
        case
            when callback_time is null
                then (
                    select count(*)
                    from {{ ref('stg_metric_parameters') }} as deadlines
                    where
                        deadlines.parameter = 'callback_deadline_hours'
                        and coalesce(
                            complaints.complaint_time,
                            cast(complaints.complaint_date as datetime(6))
                        ) < {{ as_of_moment() }} - interval deadlines.parameter_value * 3600 second
                        - interval complaints.complaint_time is null day
                )
        end as callback_deadlines_passed
    from {{ ref('stg_complaints') }} as complaints

),

complaint_days as (

    select
        complaint_date as calendar_date,
        {{ rows_fingerprint([
            'complaint_id', 'hall_id', 'window_id', 'clerk_id', 'complaint_text', 'complaint_time', 'resolution_time',
            'is_upheld', 'is_timed', 'callback_time', 'is_callback_timed', 'reject_reason', 'issue', 'outcome',
            'deadlines_passed', 'callback_deadlines_passed',
        ]) }} as complaint_version
    from complaints
    group by complaint_date

),

merit_days as (

    select
        merit_date as calendar_date,
        {{ rows_fingerprint([
            'hall_id', 'subject_type', 'subject_id', 'quantity', 'reject_reason', 'issue', 'outcome',
        ]) }} as merit_version
    from {{ ref('stg_merit_records') }}
    group by merit_date

),

raw_days as (

    select
        raw_table,
        service_day,
        {{ fingerprint(['raw_table', 'service_day', 'fingerprint', 'service_day > ' ~ as_of_date()]) }} as fingerprint
    from {{ ref('plan_raw_days') }}

),

days as (

    select service_day as calendar_date from raw_days
    union distinct
    select calendar_date from complaint_days
    union distinct
    select calendar_date from merit_days

),

case_days as (

    select
        raw_days.service_day as calendar_date,
        {{ fingerprint(['raw_days.fingerprint', 'longest.parameter_value', 'longest_wait.parameter_value']) }}
            as case_version
    from raw_days
    left join {{ ref('stg_metric_parameters') }} as longest
        on longest.parameter = 'max_process_minutes'
        and raw_days.service_day between longest.valid_from and longest.valid_to
    left join {{ ref('stg_metric_parameters') }} as longest_wait
        on longest_wait.parameter = 'max_wait_minutes'
        and raw_days.service_day between longest_wait.valid_from and longest_wait.valid_to
    where raw_days.raw_table = 'service_log'

),

levels as (

    select {{ rows_fingerprint(['rating_level', 'rating']) }} as levels_fingerprint
    from {{ ref('stg_rating_levels') }}

),

-- A rating depends on the cases and ratings of the days before it.
rating_inputs as (

    select
        rated.service_day as calendar_date,
        {{ rows_fingerprint(['before_it.fingerprint', 'case_days.case_version']) }} as inputs
    from raw_days as rated
    inner join raw_days as before_it
        on rated.service_day <=> before_it.service_day
        or before_it.service_day between date_sub(rated.service_day, interval {{ rating_days }} day)
        and rated.service_day
    left join case_days
        on before_it.raw_table = 'service_log' and before_it.service_day <=> case_days.calendar_date
    where rated.raw_table = 'feedback'
    group by rated.service_day

),

rating_days as (

    select
        inputs.calendar_date,
        {{ fingerprint(['inputs.inputs', 'days_back.parameter_value', 'levels.levels_fingerprint']) }} as rating_version
    from rating_inputs as inputs
    cross join levels
    left join {{ ref('stg_metric_parameters') }} as days_back
        on days_back.parameter = 'rating_case_days'
        and inputs.calendar_date between days_back.valid_from and days_back.valid_to

),

-- Low ratings wait for a callback for some days after their raw rows stop being new.
waiting_ratings as (

    select feedback_date, sum(coalesce(callback_time < {{ as_of_moment() }}, 0)) as called_count
    from {{ ref('stg_feedback') }}
    where
        feedback_date >= date_sub(cast({{ as_of_date() }} as date), interval {{ callback_days }} day)
        and feedback_date <= {{ as_of_date() }}
        and rating <= {{ largest_parameter('negative_rating') }}
    group by feedback_date

),

callback_days as (

    select
        ratings.feedback_date as calendar_date,
        concat(min(ratings.called_count), ' ', sum(date_add(
            cast(ratings.feedback_date as datetime(6)), interval (24 + deadlines.parameter_value) * 3600 second
        ) < {{ as_of_moment() }})) as callback_version
    from waiting_ratings as ratings
    inner join {{ ref('stg_metric_parameters') }} as deadlines on deadlines.parameter = 'callback_deadline_hours'
    group by ratings.feedback_date
    having sum(date_add(
        cast(ratings.feedback_date as datetime(6)), interval (24 + deadlines.parameter_value) * 3600 second
    ) >= {{ as_of_moment() }}) > 0

),

departments as (

    select {{ rows_fingerprint(['hall_id', 'window_id', 'department']) }} as departments_fingerprint
    from {{ ref('stg_windows') }}

),

standards as (

    select
        days.calendar_date,
        {{ rows_fingerprint(['standards.item_code', 'standards.standard_minutes']) }} as standards_fingerprint
    from days
    inner join {{ ref('stg_item_standards') }} as standards
        on days.calendar_date between standards.valid_from and standards.valid_to
    group by days.calendar_date

),

keywords as (

    select
        days.calendar_date,
        {{ rows_fingerprint(['keywords.category', 'keywords.keyword', 'keywords.label_zh', 'keywords.label_en']) }}
            as keywords_fingerprint
    from days
    inner join {{ ref('stg_pain_point_keywords') }} as keywords
        on days.calendar_date between keywords.valid_from and keywords.valid_to
    group by days.calendar_date

),

versions as (

    select
        days.calendar_date,
        case_days.case_version,
        rating_days.rating_version,
        complaint_days.complaint_version,
        callback_days.callback_version,
        merit_days.merit_version,
        {{ fingerprint([
            'case_days.case_version', 'rating_days.rating_version', 'departments.departments_fingerprint',
            'standards.standards_fingerprint',
        ]) }} as day_version,
        {{ fingerprint([
            'rating_days.rating_version', 'complaint_days.complaint_version', 'keywords.keywords_fingerprint',
        ]) }} as text_version,
        {{ fingerprint([
            'case_days.case_version', 'rating_days.rating_version', 'complaint_days.complaint_version',
            'merit_days.merit_version',
        ]) }} as quality_version
    from days
    cross join departments
    left join case_days on days.calendar_date <=> case_days.calendar_date
    left join rating_days on days.calendar_date <=> rating_days.calendar_date
    left join complaint_days on days.calendar_date <=> complaint_days.calendar_date
    left join merit_days on days.calendar_date <=> merit_days.calendar_date
    left join callback_days on days.calendar_date = callback_days.calendar_date
    left join standards on days.calendar_date = standards.calendar_date
    left join keywords on days.calendar_date = keywords.calendar_date

)

select
    cast(coalesce(cast(calendar_date as char(10)), 'none') as char(64)) as slice,
    calendar_date,
    case_version,
    rating_version,
    complaint_version,
    callback_version,
    merit_version,
    case
        when calendar_date is not null and coalesce(case_version, rating_version) is not null then day_version
    end as day_version,
    case
        when calendar_date is not null and coalesce(rating_version, complaint_version) is not null then text_version
    end as text_version,
    quality_version
from versions
