-- When people come and how long they wait, by hall, weekday and hour, over the latest closed weeks.
{{ config(primary_key=['hall_id', 'iso_weekday', 'hour_of_day']) }}

with

closed_weeks as (

    select
        period_start,
        period_end,
        row_number() over (order by period_start desc) as age
    from {{ ref('periods') }}
    where period_type = 'week' and is_closed

),

span as (

    select
        min(weeks.period_start) as first_day,
        max(weeks.period_end) as last_day
    from closed_weeks as weeks
    inner join {{ ref('stg_metric_parameters') }} as wanted
        on wanted.parameter = 'peak_weeks'
        and {{ as_of_date() }} between wanted.valid_from and wanted.valid_to
        and weeks.age <= wanted.parameter_value

),

cases as (

    select
        cases.*,
        weekday(cases.service_date) + 1 as iso_weekday,
        span.first_day,
        span.last_day
    from span
    inner join {{ ref('daily_cases') }} as cases on cases.service_date between span.first_day and span.last_day
    where cases.outcome in ('counted', 'repaired')

),

open_days as (

    select
        hall_id,
        iso_weekday,
        min(first_day) as first_day,
        min(last_day) as last_day,
        count(distinct service_date) as day_count
    from cases
    group by hall_id, iso_weekday

),

tickets as (

    select
        hall_id,
        iso_weekday,
        ticket_hour as hour_of_day,
        count(*) as arrival_count,
        count(wait_minutes) as wait_count,
        sum(wait_minutes) as wait_minutes
    from cases
    where ticket_hour is not null
    group by hall_id, iso_weekday, ticket_hour

),

waits as (

    select
        hall_id,
        iso_weekday,
        ticket_hour as hour_of_day,
        ceiling(wait_minutes) as within_minutes,
        count(*) as wait_count
    from cases
    where wait_minutes is not null
    group by hall_id, iso_weekday, ticket_hour, ceiling(wait_minutes)

),

ranked_waits as (

    select
        waits.*,
        sum(wait_count) over (
            partition by hall_id, iso_weekday, hour_of_day
            order by within_minutes
            rows between unbounded preceding and current row
        ) as rank_of_last,
        sum(wait_count) over (partition by hall_id, iso_weekday, hour_of_day) as all_count
    from waits

),

judged_waits as (

    select
        ranked_waits.hall_id,
        ranked_waits.iso_weekday,
        ranked_waits.hour_of_day,
        min(case when 10 * rank_of_last >= 9 * all_count then within_minutes end) as p90_wait_minutes,
        case
            when max(target.parameter_value) is not null
                then sum(case when within_minutes <= target.parameter_value then wait_count else 0 end)
        end as within_target_count
    from ranked_waits
    left join {{ ref('stg_metric_parameters') }} as target
        on target.parameter = 'wait_target_minutes'
        and {{ as_of_date() }} between target.valid_from and target.valid_to
    group by ranked_waits.hall_id, ranked_waits.iso_weekday, ranked_waits.hour_of_day

),

served as (

    select
        hall_id,
        iso_weekday,
        start_hour as hour_of_day,
        count(*) as case_count,
        sum(channel is not null) as known_channel_count,
        sum(coalesce(channel = 'self_service', 0)) as self_service_count,
        sum(coalesce(channel = 'online', 0)) as online_count
    from cases
    where start_hour is not null
    group by hall_id, iso_weekday, start_hour

),

-- A window is open in an hour in which it began a case.
open_windows as (

    select distinct hall_id, iso_weekday, start_hour as hour_of_day, service_date, window_id
    from cases
    where start_hour is not null and window_id is not null and coalesce(channel, 'window') = 'window'

),

window_hours as (

    select hall_id, iso_weekday, hour_of_day, count(*) as window_hour_count
    from open_windows
    group by hall_id, iso_weekday, hour_of_day

),

hours as (

    select hall_id, iso_weekday, hour_of_day from tickets
    union distinct
    select hall_id, iso_weekday, hour_of_day from served

)

select
    hours.hall_id,
    hours.iso_weekday,
    hours.hour_of_day,
    open_days.first_day,
    open_days.last_day,
    open_days.day_count,
    coalesce(tickets.arrival_count, 0) as arrival_count,
    cast(cast(coalesce(tickets.arrival_count, 0) as decimal(30, 10)) / open_days.day_count as decimal(20, 10))
        as mean_arrivals,
    coalesce(served.case_count, 0) as case_count,
    cast(cast(coalesce(served.case_count, 0) as decimal(30, 10)) / open_days.day_count as decimal(20, 10))
        as mean_cases,
    cast(cast(coalesce(window_hours.window_hour_count, 0) as decimal(30, 10)) / open_days.day_count as decimal(20, 10))
        as mean_open_windows,
    coalesce(tickets.wait_count, 0) as wait_count,
    cast(cast(tickets.wait_minutes as decimal(45, 20)) / nullif(tickets.wait_count, 0) as decimal(20, 10))
        as avg_wait_minutes,
    cast(judged_waits.p90_wait_minutes as signed) as p90_wait_minutes,
    cast(
        cast(judged_waits.within_target_count as decimal(30, 10)) / nullif(tickets.wait_count, 0) as decimal(20, 10)
    ) as wait_within_target_rate,
    cast(coalesce(served.known_channel_count, 0) as signed) as known_channel_count,
    cast(
        cast(served.self_service_count as decimal(30, 10)) / nullif(served.known_channel_count, 0) as decimal(20, 10)
    ) as self_service_share,
    cast(
        cast(served.online_count as decimal(30, 10)) / nullif(served.known_channel_count, 0) as decimal(20, 10)
    ) as online_share,
    '{{ invocation_id }}' as build_id
from hours
inner join open_days
    on hours.hall_id = open_days.hall_id and hours.iso_weekday = open_days.iso_weekday
left join tickets
    on hours.hall_id = tickets.hall_id
    and hours.iso_weekday = tickets.iso_weekday
    and hours.hour_of_day = tickets.hour_of_day
left join judged_waits
    on hours.hall_id = judged_waits.hall_id
    and hours.iso_weekday = judged_waits.iso_weekday
    and hours.hour_of_day = judged_waits.hour_of_day
left join served
    on hours.hall_id = served.hall_id
    and hours.iso_weekday = served.iso_weekday
    and hours.hour_of_day = served.hour_of_day
left join window_hours
    on hours.hall_id = window_hours.hall_id
    and hours.iso_weekday = window_hours.iso_weekday
    and hours.hour_of_day = window_hours.hour_of_day
