-- What the review of each year is built from: its closed periods, and the range of each metric's values.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start']) }}

with

closed_periods as (

    select
        years.period_type,
        years.period_start,
        years.is_closed,
        group_concat(versions.score_version order by periods.period_type, periods.period_start) as score_versions
    from {{ ref('periods') }} as years
    inner join {{ ref('periods') }} as periods
        on periods.period_start between years.period_start and years.period_end and periods.is_closed
    inner join {{ ref('period_versions') }} as versions
        on periods.period_type = versions.period_type and periods.period_start = versions.period_start
    where years.period_type = 'year'
    group by years.period_type, years.period_start, years.is_closed

),

ranges as (

    select
        group_concat(
            concat_ws('|', metrics.metric, coalesce(units.least_value, ''), coalesce(units.greatest_value, ''))
            order by metrics.metric
        ) as range_texts
    from {{ ref('stg_metric_definitions') }} as metrics
    left join {{ ref('stg_units') }} as units on metrics.unit = units.unit

)

select
    cast(concat(closed_periods.period_type, ' ', closed_periods.period_start) as char(64)) as slice,
    closed_periods.period_type,
    closed_periods.period_start,
    sha2(concat_ws(
        '|', closed_periods.is_closed, closed_periods.score_versions, ranges.range_texts
    ), 256) as review_version
from closed_periods
cross join ranges
