-- Which metrics carry the same information: Pearson's r of each pair over the closed months of a year.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='plan_reviews',
    version='review_version',
    primary_key=['period_type', 'period_start', 'subject_type', 'metric_a', 'metric_b'],
) }}
-- depends_on: {{ ref('plan_reviews') }}

with

closed_months as (

    {{ closed_months() }}

),

-- `straight_join`: from the months to the scores to their metrics by the key. Otherwise seekdb goes from metrics to
-- scores, which takes minutes for 2,000 clerks.
sums as (

    select straight_join
        closed_months.year_start,
        closed_months.is_year_closed,
        scores.subject_type,
        a.metric as metric_a,
        b.metric as metric_b,
        count(*) as pair_count,
        cast(sum(a.value) as decimal(30, 10)) as x,
        cast(sum(b.value) as decimal(30, 10)) as y,
        cast(sum(a.value * a.value) as decimal(45, 20)) as xx,
        cast(sum(b.value * b.value) as decimal(45, 20)) as yy,
        cast(sum(a.value * b.value) as decimal(45, 20)) as xy
    from closed_months
    inner join {{ ref('scores') }} as scores
        on closed_months.period_type = scores.period_type and closed_months.period_start = scores.period_start
    inner join {{ ref('metrics') }} as a
        on {{ same_subject_period('scores', 'a') }}
    inner join {{ ref('metrics') }} as b
        on {{ same_subject_period('scores', 'b') }}
        and a.metric < b.metric
    where scores.status <> 'no_business' and a.value is not null and b.value is not null
    group by
        closed_months.year_start, closed_months.is_year_closed, scores.subject_type, a.metric, b.metric

),

correlated as (

    select
        sums.*,
        {{ mean_product('pair_count', 'x', 'x', 'xx') }} as variance_a,
        {{ mean_product('pair_count', 'y', 'y', 'yy') }} as variance_b,
        {{ correlation('pair_count', 'x', 'y', 'xx', 'yy', 'xy') }} as correlation
    from sums

)

select
    'year' as period_type,
    year_start as period_start,
    subject_type,
    metric_a,
    metric_b,
    is_year_closed as is_closed,
    cast(pair_count as signed) as pair_count,
    correlation,
    cast(
        case
            when correlation is not null then null
            when pair_count <= 1 then 'too_few_pairs'
            when variance_a = 0 and variance_b = 0 then 'constant_both'
            when variance_a = 0 then 'constant_a'
            else 'constant_b'
        end as char(24)
    ) as correlation_reason,
    '{{ invocation_id }}' as build_id
from correlated
