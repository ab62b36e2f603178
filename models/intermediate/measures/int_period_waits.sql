-- Waits within target and the 90th percentile of waits, by subject and period. The target in force on the first day
-- of the period applies. The percentile is in whole minutes (nearest rank).
{{ config(materialized='incremental') }}

with

waits as (

    {{ subject_waits(['rolling_7d', 'week']) }}
    union all
    select
        periods.period_type,
        periods.period_start,
        months.hall_id,
        months.subject_type,
        months.subject_id,
        months.within_minutes,
        sum(months.wait_count) as wait_count
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('int_month_waits') }} as months
        on months.period_type = 'month' and months.period_start between periods.period_start and periods.period_end
    where
        periods.period_type in ('month', 'quarter', 'year')
        and {{ in_slices('periods.period_type, periods.period_start') }}
    group by
        periods.period_type, periods.period_start, months.hall_id, months.subject_type, months.subject_id,
        months.within_minutes

),

ranked as (

    select
        waits.*,
        sum(wait_count) over (
            partition by period_type, period_start, hall_id, subject_type, subject_id
            order by within_minutes
            rows between unbounded preceding and current row
        ) as rank_of_last,
        sum(wait_count) over (
            partition by period_type, period_start, hall_id, subject_type, subject_id
        ) as all_count
    from waits

)

select
    ranked.period_type,
    ranked.period_start,
    ranked.hall_id,
    cast(ranked.subject_type as char(16)) as subject_type,
    cast(ranked.subject_id as char(64)) as subject_id,
    cast(case
        when max(periods.wait_target_minutes) is not null
            then sum(case when ranked.within_minutes <= periods.wait_target_minutes then ranked.wait_count else 0 end)
    end as signed) as within_target_count,
    cast(min(case when 10 * ranked.rank_of_last >= 9 * ranked.all_count then ranked.within_minutes end) as signed)
        as p90_wait_minutes
from ranked
inner join {{ ref('int_periods') }} as periods
    on ranked.period_type = periods.period_type and ranked.period_start = periods.period_start
group by ranked.period_type, ranked.period_start, ranked.hall_id, ranked.subject_type, ranked.subject_id
