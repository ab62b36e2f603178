-- Up to when each year has been reviewed, and hashes of what the review is built from: the periods that ended with
-- the last closed month, and the ranges of the metrics.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start']) }}

with

reviewed_years as (

    select
        years.period_type,
        years.period_start,
        years.period_end,
        years.is_closed,
        case when not years.is_closed then max(months.period_end) end as reviewed_until
    from {{ ref('int_periods') }} as years
    inner join {{ ref('int_periods') }} as months
        on months.period_type = 'month'
        and months.period_start between years.period_start and years.period_end
        and months.is_closed
    where years.period_type = 'year'
    group by years.period_type, years.period_start, years.period_end, years.is_closed

),

reviewed_periods as (

    select
        years.period_type,
        years.period_start,
        years.is_closed,
        years.reviewed_until,
        {{ rows_fingerprint(['periods.period_type', 'periods.period_start', 'versions.score_version']) }}
            as scores_fingerprint
    from reviewed_years as years
    inner join {{ ref('int_periods') }} as periods
        on periods.period_start between years.period_start and years.period_end
        and periods.period_end <= coalesce(years.reviewed_until, periods.period_end)
        and periods.is_closed
    inner join {{ ref('plan_periods') }} as versions
        on periods.period_type = versions.period_type and periods.period_start = versions.period_start
    where periods.period_type in (select coalesce(period_type, 'month') from {{ ref('stg_scoring_rules') }})
    group by years.period_type, years.period_start, years.is_closed, years.reviewed_until

),

ranges as (

    select {{ rows_fingerprint(['metric', 'best_value', 'worst_value']) }} as ranges_fingerprint
    from {{ ref('int_metric_ranges') }}

)

select
    cast(concat(reviewed_periods.period_type, ' ', reviewed_periods.period_start) as char(64)) as slice,
    reviewed_periods.period_type,
    reviewed_periods.period_start,
    reviewed_periods.reviewed_until,
    {{ fingerprint([
        'reviewed_periods.is_closed', 'reviewed_periods.scores_fingerprint', 'ranges.ranges_fingerprint',
    ]) }} as review_version
from reviewed_periods
cross join ranges
