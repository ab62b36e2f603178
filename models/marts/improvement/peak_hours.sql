-- When people come and how long they wait, by hall, weekday and hour, over the latest closed weeks.
{{ config(primary_key=['hall_id', 'iso_weekday', 'hour_of_day']) }}

with

closed_weeks as (

    select
        period_start,
        period_end,
        row_number() over (order by period_start desc) as age
    from {{ ref('int_periods') }}
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

weeks as (

    select
        hours.*,
        span.first_day,
        span.last_day
    from span
    inner join {{ ref('int_week_hours') }} as hours
        on hours.period_type = 'week' and hours.period_start between span.first_day and span.last_day

),

open_days as (

    select
        hall_id,
        iso_weekday,
        min(first_day) as first_day,
        min(last_day) as last_day,
        count(distinct period_start) as day_count
    from weeks
    where case_count > 0
    group by hall_id, iso_weekday

),

hours as (

    select
        hall_id,
        iso_weekday,
        hour_of_day,
        sum(arrival_count) as arrival_count,
        sum(case when within_minutes is not null then arrival_count else 0 end) as wait_count,
        sum(wait_minutes) as wait_minutes,
        sum(case_count) as case_count,
        sum(known_channel_count) as known_channel_count,
        sum(self_service_count) as self_service_count,
        sum(online_count) as online_count,
        sum(window_hour_count) as window_hour_count
    from weeks
    where hour_of_day is not null
    group by hall_id, iso_weekday, hour_of_day

),

waits as (

    select hall_id, iso_weekday, hour_of_day, within_minutes, sum(arrival_count) as wait_count
    from weeks
    where within_minutes is not null
    group by hall_id, iso_weekday, hour_of_day, within_minutes

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

)

select
    hours.hall_id,
    hours.iso_weekday,
    hours.hour_of_day,
    open_days.first_day,
    open_days.last_day,
    open_days.day_count,
    cast(hours.arrival_count as signed) as arrival_count,
    cast(cast(hours.arrival_count as decimal(30, 10)) / open_days.day_count as decimal(20, 10)) as mean_arrivals,
    cast(hours.case_count as signed) as case_count,
    cast(cast(hours.case_count as decimal(30, 10)) / open_days.day_count as decimal(20, 10)) as mean_cases,
    cast(cast(hours.window_hour_count as decimal(30, 10)) / open_days.day_count as decimal(20, 10))
        as mean_open_windows,
    cast(hours.wait_count as signed) as wait_count,
    cast(cast(hours.wait_minutes as decimal(45, 20)) / nullif(hours.wait_count, 0) as decimal(20, 10))
        as avg_wait_minutes,
    cast(judged_waits.p90_wait_minutes as signed) as p90_wait_minutes,
    cast(
        cast(judged_waits.within_target_count as decimal(30, 10)) / nullif(hours.wait_count, 0) as decimal(20, 10)
    ) as wait_within_target_rate,
    cast(hours.known_channel_count as signed) as known_channel_count,
    cast(
        cast(hours.self_service_count as decimal(30, 10)) / nullif(hours.known_channel_count, 0) as decimal(20, 10)
    ) as self_service_share,
    cast(
        cast(hours.online_count as decimal(30, 10)) / nullif(hours.known_channel_count, 0) as decimal(20, 10)
    ) as online_share,
    '{{ invocation_id }}' as build_id
from hours
inner join open_days
    on hours.hall_id = open_days.hall_id and hours.iso_weekday = open_days.iso_weekday
left join judged_waits
    on hours.hall_id = judged_waits.hall_id
    and hours.iso_weekday = judged_waits.iso_weekday
    and hours.hour_of_day = judged_waits.hour_of_day
