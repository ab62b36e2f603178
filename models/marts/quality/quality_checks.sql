-- Checks to look at before the scores are trusted: one row for each check, raw table and hall, over the days that
-- quality_limits.csv sets.
{{ config(primary_key=['check_id', 'raw_table', 'hall_id']) }}

{%- set as_of = "cast(" ~ as_of_date() ~ " as date)" %}

with

limits as (

    select
        limits.*,
        date_sub({{ as_of }}, interval cast(looked_at as signed) - 1 day) as first_day
    from (
        select
            rows_in_force.*,
            -- As far back as a limit in days needs.
            case
                when check_id = 'days_since_last_row'
                    then ceiling(greatest(day_count, coalesce(warn_from, 0), coalesce(error_from, 0)))
                else day_count
            end as looked_at
        from {{ ref('stg_quality_limits') }} as rows_in_force
        where {{ as_of }} between valid_from and valid_to
    ) as limits

),

halls as (

    select hall_id, exists_from
    from {{ ref('int_subjects') }}
    where subject_type = 'hall' and {{ as_of }} between exists_from and exists_until

),

-- The last year: long enough that an outage does not become a habit. `straight_join`: from each hall by the key,
-- which skips the days of windows and clerks.
hall_days as (

    select straight_join subject_days.*
    from halls
    inner join {{ ref('int_subject_days') }} as subject_days
        on subject_days.hall_id = halls.hall_id
        and subject_days.subject_type = 'hall'
        and subject_days.subject_id = halls.hall_id
    where subject_days.activity_date between date_sub({{ as_of }}, interval 1 year) and {{ as_of }}

),

quality as (

    select *
    from {{ ref('data_quality') }}
    where outcome <> 'not_yet'

),

latest_rows as (

    select limits.raw_table, quality.hall_id, {{ date_aggregate('max', 'quality.service_day') }} as last_day
    from limits
    inner join quality
        on limits.raw_table = quality.raw_table and quality.service_day between limits.first_day and {{ as_of }}
    where limits.check_id = 'days_since_last_row'
    group by limits.raw_table, quality.hall_id

),

-- Without a row in the checked days, the value is the number of those days, or the age of the hall if that is known
-- and smaller.
ages as (

    select
        limits.check_id,
        limits.raw_table,
        halls.hall_id,
        coalesce(
            datediff({{ as_of }}, latest_rows.last_day),
            least(datediff({{ as_of }}, nullif(halls.exists_from, {{ as_of }})), limits.looked_at),
            limits.looked_at
        ) as day_count
    from halls
    inner join limits on limits.check_id = 'days_since_last_row'
    left join latest_rows on limits.raw_table = latest_rows.raw_table and halls.hall_id = latest_rows.hall_id

),

-- Merit that waits for approval is not an error.
outcomes as (

    select
        limits.check_id,
        limits.raw_table,
        quality.hall_id,
        sum(
            case
                when quality.outcome = 'rejected' and quality.reason <> 'not_approved' then quality.row_count
                else 0
            end
        ) as rejected_count,
        sum(quality.row_count) as row_count
    from limits
    inner join quality
        on limits.raw_table = quality.raw_table and quality.service_day between limits.first_day and {{ as_of }}
    where limits.check_id = 'rejected_share'
    group by limits.check_id, limits.raw_table, quality.hall_id

),

-- A case handled online or at a machine rightly has no window and no clerk.
ratings as (

    select hall_id, feedback_date, window_id, clerk_id
    from {{ ref('int_ratings') }}
    where outcome in ('counted', 'repaired') and coalesce(case_channel, 'window') = 'window'

),

naming as (

    {% for subject in ['window', 'clerk'] -%}
    select
        limits.check_id,
        limits.raw_table,
        hall_days.hall_id,
        sum(hall_days.counter_count - hall_days.case_{{ subject }}_count) as nameless_count,
        sum(hall_days.counter_count) as row_count
    from limits
    inner join hall_days on limits.first_day <= hall_days.activity_date
    where limits.check_id = 'no_{{ subject }}_share' and limits.raw_table = 'service_log'
    group by limits.check_id, limits.raw_table, hall_days.hall_id
    {% for raw_table, model, day in [
        ('feedback', 'ratings', 'feedback_date'), ('complaints', ref('int_complaints'), 'complaint_date'),
    ] -%}
    union all
    select
        limits.check_id,
        limits.raw_table,
        named.hall_id,
        sum(named.{{ subject }}_id is null) as nameless_count,
        count(*) as row_count
    from limits
    inner join {{ model }} as named on named.{{ day }} between limits.first_day and {{ as_of }}
    where limits.check_id = 'no_{{ subject }}_share' and limits.raw_table = '{{ raw_table }}'
    group by limits.check_id, limits.raw_table, named.hall_id
    {% endfor -%}
    {{ "union all" if not loop.last }}
    {% endfor %}
),

first_logs as (

    select hall_id, min(activity_date) as first_log
    from hall_days
    where case_count > 0
    group by hall_id

),

-- The as-of day may not be over yet.
calendar as (

    select
        first_logs.hall_id,
        days.calendar_date,
        weekday(days.calendar_date) as weekday_number,
        work_calendar.is_working_day,
        coalesce(hall_days.case_count > 0, 0) as has_log
    from first_logs
    inner join {{ ref('int_period_days') }} as days
        on days.period_type = 'week' and days.calendar_date >= first_logs.first_log
        and days.calendar_date < {{ as_of }}
    left join {{ ref('stg_work_calendar') }} as work_calendar on days.calendar_date = work_calendar.calendar_date
    left join hall_days
        on first_logs.hall_id = hall_days.hall_id and days.calendar_date = hall_days.activity_date

),

-- A hall is expected to open on the weekdays on which it usually has a log, except on holidays.
weekdays as (

    select
        hall_id,
        weekday_number,
        2 * sum(has_log) > count(*) as is_open
    from calendar
    where is_working_day is null
    group by hall_id, weekday_number

),

gaps as (

    select
        limits.check_id,
        limits.raw_table,
        calendar.hall_id,
        sum(not calendar.has_log) as gap_count
    from limits
    inner join calendar on limits.first_day <= calendar.calendar_date
    left join weekdays
        on calendar.hall_id = weekdays.hall_id and calendar.weekday_number = weekdays.weekday_number
    where limits.check_id = 'days_without_log' and coalesce(calendar.is_working_day, weekdays.is_open)
    group by limits.check_id, limits.raw_table, calendar.hall_id

),

id_days as (

    select limits.check_id, limits.raw_table, days.calendar_date
    from limits
    inner join {{ ref('int_period_days') }} as days
        on days.period_type = 'week' and days.calendar_date between limits.first_day and {{ as_of }}
    where limits.check_id = 'repeated_id_share'

),

-- Day by day, so that the servers use the index of the log.
log_ids as (

    select straight_join
        days.check_id,
        days.raw_table,
        cases.hall_id,
        cases.log_id,
        count(distinct cases.service_date) as day_count
    from id_days as days
    inner join {{ ref('base_service_log') }} as cases on days.calendar_date = cases.service_date
    where cases.log_id is not null
    group by days.check_id, days.raw_table, cases.hall_id, cases.log_id

),

measured as (

    select check_id, raw_table, hall_id, day_count as numerator, 1 as denominator
    from ages
    union all
    select check_id, raw_table, hall_id, rejected_count as numerator, row_count as denominator
    from outcomes
    union all
    select check_id, raw_table, hall_id, nameless_count as numerator, row_count as denominator
    from naming
    union all
    select check_id, raw_table, hall_id, gap_count as numerator, 1 as denominator
    from gaps
    union all
    select check_id, raw_table, hall_id, sum(day_count > 1) as numerator, count(*) as denominator
    from log_ids
    group by check_id, raw_table, hall_id

),

valued as (

    select
        measured.check_id,
        measured.raw_table,
        measured.hall_id,
        limits.first_day,
        measured.numerator,
        measured.denominator,
        cast(
            cast(measured.numerator as decimal(30, 10)) / nullif(measured.denominator, 0) as decimal(20, 10)
        ) as value,
        limits.min_sample,
        limits.warn_from,
        limits.error_from,
        limits.ignore_from,
        limits.label_zh,
        limits.label_en
    from measured
    inner join limits on measured.check_id = limits.check_id and measured.raw_table = limits.raw_table
    inner join halls on measured.hall_id = halls.hall_id

)

select
    cast(check_id as char(64)) as check_id,
    cast(raw_table as char(32)) as raw_table,
    hall_id,
    first_day,
    {{ as_of }} as last_day,
    cast(numerator as signed) as numerator,
    cast(denominator as signed) as denominator,
    value,
    min_sample,
    warn_from,
    error_from,
    ignore_from,
    cast(
        case
            when value is null then 'no_data'
            when denominator < min_sample then 'insufficient_sample'
            when value >= ignore_from then 'ok'
            when value >= error_from then 'error'
            when value >= warn_from then 'warn'
            else 'ok'
        end as char(32)
    ) as severity,
    label_zh,
    label_en,
    '{{ invocation_id }}' as build_id
from valued
