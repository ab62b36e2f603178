-- The distribution of each metric in a year, whether a rule uses it or not: for choosing the rules of the next
-- year.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='plan_reviews',
    version='review_version',
    primary_key=['period_type', 'period_start', 'rule_set', 'subject_type', 'metric'],
) }}
-- depends_on: {{ ref('plan_reviews') }}

{%- set row_key = ['year_start', 'rule_set', 'subject_type', 'metric'] %}

with

closed_months as (

    {{ closed_months() }}

),

-- `straight_join` as in metric_correlations.
business_values as (

    select straight_join
        closed_months.year_start,
        closed_months.is_year_closed,
        scores.rule_set,
        scores.subject_type,
        metrics.metric,
        metrics.value,
        case when scores.composite_score is not null then metrics.value end as paired_value,
        case when metrics.value is not null then scores.composite_score end as paired_score,
        metrics.value = metric_ends.best_value as is_best,
        metrics.value = metric_ends.worst_value as is_worst
    from closed_months
    inner join {{ ref('scores') }} as scores
        on closed_months.period_type = scores.period_type and closed_months.period_start = scores.period_start
    inner join {{ ref('metrics') }} as metrics
        on {{ same_subject_period('scores', 'metrics') }}
    inner join {{ ref('int_metric_ranges') }} as metric_ends on metrics.metric = metric_ends.metric
    where scores.status <> 'no_business' and scores.rule_set is not null

),

sums as (

    select
        {{ row_key | join(', ') }},
        is_year_closed,
        count(*) as unit_count,
        count(value) as value_count,
        cast(sum(value) as decimal(30, 10)) as value_sum,
        cast(sum(value * value) as decimal(45, 20)) as value_squares,
        min(value) as value_min,
        max(value) as value_max,
        sum(is_best) as ceiling_count,
        sum(is_worst) as floor_count,
        count(paired_value) as pair_count,
        cast(sum(paired_value) as decimal(30, 10)) as x,
        cast(sum(paired_value * paired_value) as decimal(45, 20)) as xx,
        cast(sum(paired_score) as decimal(30, 10)) as y,
        cast(sum(paired_score * paired_score) as decimal(45, 20)) as yy,
        cast(sum(paired_value * paired_score) as decimal(45, 20)) as xy
    from business_values
    group by {{ row_key | join(', ') }}, is_year_closed

),

rule_counts as (

    select
        period_start as year_start, rule_set, subject_type, metric,
        count(distinct rule_id) as rule_count
    from {{ ref('indicator_review') }}
    where weight > 0 and {{ in_slices('period_type, period_start') }}
    group by period_start, rule_set, subject_type, metric

),

reviewed as (

    select
        sums.*,
        coalesce(rule_counts.rule_count, 0) as rule_count,
        {{ mean_product('value_count', 'value_sum', 'value_sum', 'value_squares') }} as value_variance,
        {{ mean_product('pair_count', 'x', 'x', 'xx') }} as paired_variance,
        {{ correlation('pair_count', 'x', 'y', 'xx', 'yy', 'xy') }} as score_correlation
    from sums
    left join rule_counts
        on sums.year_start = rule_counts.year_start
        and sums.rule_set = rule_counts.rule_set
        and sums.subject_type = rule_counts.subject_type
        and sums.metric = rule_counts.metric

)

select
    'year' as period_type,
    year_start as period_start,
    rule_set,
    subject_type,
    metric,
    is_year_closed as is_closed,
    cast(rule_count as signed) as rule_count,
    cast(unit_count as signed) as unit_count,
    cast(value_count as signed) as value_count,
    cast(value_sum / nullif(value_count, 0) as decimal(20, 10)) as value_mean,
    -- As in metric_correlations: the square root is not a decimal.
    cast(sqrt(value_variance) as decimal(20, 8)) as value_deviation,
    value_min,
    value_max,
    {% for end in ['ceiling', 'floor'] -%}
    cast(cast({{ end }}_count as decimal(30, 10)) / nullif(value_count, 0) as decimal(7, 6)) as {{ end }}_share,
    {% endfor -%}
    cast(pair_count as signed) as pair_count,
    score_correlation,
    cast(
        case
            when score_correlation is not null then null
            when pair_count <= 1 then 'too_few_pairs'
            when paired_variance = 0 then 'constant_value'
            else 'constant_score'
        end as char(24)
    ) as correlation_reason,
    '{{ invocation_id }}' as build_id
from reviewed
