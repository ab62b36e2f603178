-- Arrivals, waits and cases by closed week, hall, weekday and hour; peak_hours sums several weeks. A ticket row has
-- the wait in whole minutes (null: unknown). A case row has the hour in which the cases began (null: unknown; it
-- still shows that the hall was open).
{{ config(
    materialized='incremental',
    primary_key=[],
    indexes=[['period_type', 'period_start']],
) }}

with

cases as (

    select
        periods.period_type,
        periods.period_start,
        weekday(cases.service_date) + 1 as iso_weekday,
        cases.service_date,
        cases.hall_id,
        cases.window_id,
        cases.channel,
        cases.ticket_hour,
        cases.start_hour,
        cases.wait_minutes
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('int_period_days') }} as days
        on periods.period_type = days.period_type and periods.period_start = days.period_start
    inner join {{ ref('int_cases') }} as cases on days.calendar_date = cases.service_date
    where
        periods.period_type = 'week'
        and periods.is_closed
        and {{ in_slices('periods.period_type, periods.period_start') }}
        and cases.outcome in ('counted', 'repaired')

),

hours as (

    select
        period_type,
        period_start,
        hall_id,
        iso_weekday,
        ticket_hour as hour_of_day,
        ceiling(wait_minutes) as within_minutes,
        count(*) as arrival_count,
        sum(wait_minutes) as wait_minutes,
        0 as case_count,
        0 as known_channel_count,
        0 as self_service_count,
        0 as online_count,
        0 as window_hour_count
    from cases
    where ticket_hour is not null
    group by period_type, period_start, hall_id, iso_weekday, ticket_hour, ceiling(wait_minutes)
    union all
    -- A window counts as open in an hour in which it began a case. A weekday occurs once a week.
    select
        period_type,
        period_start,
        hall_id,
        iso_weekday,
        start_hour as hour_of_day,
        null as within_minutes,
        0 as arrival_count,
        null as wait_minutes,
        count(*) as case_count,
        sum(channel is not null) as known_channel_count,
        sum(coalesce(channel = 'self_service', 0)) as self_service_count,
        sum(coalesce(channel = 'online', 0)) as online_count,
        count(distinct case
            when start_hour is not null and coalesce(channel, 'window') = 'window' then window_id
        end) as window_hour_count
    from cases
    group by period_type, period_start, hall_id, iso_weekday, start_hour

)

select
    period_type,
    period_start,
    hall_id,
    cast(iso_weekday as signed) as iso_weekday,
    cast(hour_of_day as signed) as hour_of_day,
    cast(within_minutes as signed) as within_minutes,
    cast(arrival_count as signed) as arrival_count,
    cast(wait_minutes as decimal(45, 20)) as wait_minutes,
    cast(case_count as signed) as case_count,
    cast(known_channel_count as signed) as known_channel_count,
    cast(self_service_count as signed) as self_service_count,
    cast(online_count as signed) as online_count,
    cast(window_hour_count as signed) as window_hour_count
from hours
