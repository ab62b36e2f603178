-- What each rule did in a year, by closed months or by the period type it names: whom it judged, what it gave, how
-- far the values spread, and scores and ranks without it.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='plan_reviews',
    version='review_version',
    primary_key=['period_type', 'period_start', 'rule_set', 'rule_id', 'valid_from', 'subject_type'],
) }}

{%- set rule_key = ['year_start', 'rule_set', 'rule_id', 'valid_from'] %}

with

closed_periods as (

    select
        years.period_start as year_start,
        years.is_closed as is_year_closed,
        periods.period_type,
        periods.period_start
    from {{ ref('int_periods') }} as years
    inner join {{ ref('plan_reviews') }} as reviews
        on years.period_type = reviews.period_type and years.period_start = reviews.period_start
    inner join {{ ref('int_periods') }} as periods
        on periods.period_start between years.period_start and years.period_end
        and periods.period_end <= coalesce(reviews.reviewed_until, periods.period_end)
        and periods.is_closed
    where years.period_type = 'year' and {{ in_slices('years.period_type, years.period_start') }}

),

-- A base gives everyone the same points; there is nothing to review.
reviewed_rules as (

    select
        closed_periods.year_start,
        closed_periods.is_year_closed,
        closed_periods.period_type,
        closed_periods.period_start,
        rules.rule_set,
        rules.rule_id,
        rules.valid_from,
        rules.dimension,
        rules.metric,
        rules.rule_type,
        rules.label_zh,
        rules.label_en,
        rules.subject_type as rule_subject_type,
        weights.weight,
        weights.min_score,
        weights.max_score,
        metric_ends.is_count,
        metric_ends.best_value,
        metric_ends.worst_value
    from closed_periods
    inner join {{ ref('stg_scoring_rules') }} as rules
        on closed_periods.period_start between rules.valid_from and rules.valid_to
        and closed_periods.period_type = coalesce(rules.period_type, 'month')
        and rules.rule_type <> 'base'
    left join {{ ref('stg_dimension_weights') }} as weights
        on rules.rule_set = weights.rule_set
        and rules.dimension = weights.dimension
        and closed_periods.period_start between weights.valid_from and weights.valid_to
    left join {{ ref('int_metric_ranges') }} as metric_ends on rules.metric = metric_ends.metric

),

judged_periods as (

    select distinct period_type, period_start from reviewed_rules

),

business_units as (

    select
        scores.period_type,
        scores.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        scores.rule_set,
        scores.peer_group,
        scores.composite_score,
        scores.status = 'scored' as is_ranked,
        -- A hall in the shadow time of a pilot has a score and no rank.
        case
            when scores.status = 'scored'
                then rank() over (
                    partition by
                        scores.period_type, scores.period_start, scores.subject_type, scores.rule_set,
                        scores.peer_group, scores.status = 'scored'
                    order by round(scores.composite_score, 2) desc
                )
        end as rank_with
    from judged_periods
    inner join {{ ref('scores') }} as scores
        on judged_periods.period_type = scores.period_type and judged_periods.period_start = scores.period_start
    where scores.status <> 'no_business'

),

judged as (

    select
        rules.year_start,
        rules.rule_set,
        rules.rule_id,
        rules.valid_from,
        business_units.period_type,
        business_units.period_start,
        business_units.subject_type,
        business_units.peer_group,
        business_units.composite_score,
        business_units.is_ranked,
        business_units.rank_with,
        components.status,
        components.points,
        case when components.status in ('applied', 'not_met') then components.value end as judged_value,
        -- A period has at most as many months as its denominator.
        {% for end in ['best', 'worst'] -%}
        case
            when rules.is_count
                then least(rules.{{ end }}_value, coalesce(components.denominator, rules.{{ end }}_value))
            else rules.{{ end }}_value
        end as {{ end }}_value,
        {% endfor -%}
        -- What the rule adds to or takes from the composite score, within the limits of its dimension.
        case
            when business_units.composite_score is not null
                then cast(dimensions.weight * coalesce(
                    dimensions.score - {{ clamped(
                        'dimensions.unclamped_score - components.points', 'rules.min_score', 'rules.max_score'
                    ) }}, 0
                ) as decimal(12, 6))
        end as contribution
    from reviewed_rules as rules
    inner join {{ ref('score_components') }} as components
        on rules.period_type = components.period_type
        and rules.period_start = components.period_start
        and rules.rule_set = components.rule_set
        and rules.rule_id = components.rule_id
    inner join business_units
        on {{ same_subject_period('components', 'business_units') }}
    inner join {{ ref('dimension_scores') }} as dimensions
        on {{ same_subject_period('components', 'dimensions') }}
        and rules.dimension = dimensions.dimension

),

-- All subjects ranked in a group are judged by the same rules, so each rule can be left out for all of them.
reranked as (

    select
        judged.*,
        case when judged_value is not null then composite_score end as paired_score,
        case when composite_score is not null then judged_value end as paired_value,
        case
            when is_ranked
                then rank() over (
                    partition by rule_set, rule_id, period_type, period_start, subject_type, peer_group, is_ranked
                    order by round(composite_score - contribution, 2) desc
                )
        end as rank_without
    from judged

),

sums as (

    select
        {{ rule_key | join(', ') }}, subject_type,
        count(*) as unit_count,
        {% for status in [
            'applied', 'not_met', 'no_data', 'insufficient_sample', 'not_attributable', 'exempt',
        ] -%}
        sum(status = '{{ status }}') as {{ status }}_count,
        {% endfor -%}
        sum(points) as points_sum,
        sum(abs(points)) as points_given,
        count(judged_value) as value_count,
        cast(sum(judged_value) as decimal(30, 10)) as value_sum,
        cast(sum(judged_value * judged_value) as decimal(45, 20)) as value_squares,
        min(judged_value) as value_min,
        max(judged_value) as value_max,
        sum(judged_value = best_value) as ceiling_count,
        sum(judged_value = worst_value) as floor_count,
        count(composite_score) as scored_count,
        count(paired_value) as pair_count,
        cast(sum(paired_value) as decimal(30, 10)) as x,
        cast(sum(paired_value * paired_value) as decimal(45, 20)) as xx,
        cast(sum(paired_score) as decimal(30, 10)) as y,
        cast(sum(paired_score * paired_score) as decimal(45, 20)) as yy,
        cast(sum(paired_value * paired_score) as decimal(45, 20)) as xy,
        sum(abs(contribution)) as decided_points,
        min(contribution) as least_contribution,
        max(contribution) as greatest_contribution,
        sum(rank_with <> rank_without) as changed_rank_count
    from reranked
    group by {{ rule_key | join(', ') }}, subject_type

),

subject_types as (

    {% for subject_type in ['hall', 'department', 'window', 'clerk'] -%}
    select '{{ subject_type }}' as subject_type
    {{- " union all" if not loop.last }}
    {% endfor %}

),

-- A rule that judged nobody has a row too.
grid as (

    select
        {{ rule_key | join(', ') }},
        subject_types.subject_type,
        max(is_year_closed) as is_closed,
        max(period_type) as judged_period_type,
        count(*) as period_count,
        max(dimension) as dimension,
        max(metric) as metric,
        max(rule_type) as rule_type,
        max(label_zh) as label_zh,
        max(label_en) as label_en,
        max(weight) as weight
    from reviewed_rules
    inner join subject_types
        on subject_types.subject_type = coalesce(reviewed_rules.rule_subject_type, subject_types.subject_type)
    group by {{ rule_key | join(', ') }}, subject_types.subject_type

),

reviewed as (

    select
        grid.*,
        sums.scored_count,
        sums.pair_count,
        sums.value_min,
        sums.value_max,
        sums.points_sum,
        sums.decided_points,
        {% for name in [
            'unit', 'applied', 'not_met', 'no_data', 'insufficient_sample', 'not_attributable', 'exempt', 'value',
            'changed_rank',
        ] -%}
        coalesce(sums.{{ name }}_count, 0) as {{ name }}_count,
        {% endfor -%}
        sums.applied_count + sums.not_met_count as judged_count,
        sums.points_given,
        sums.value_sum,
        sums.ceiling_count,
        sums.floor_count,
        sums.least_contribution = sums.greatest_contribution as is_same_for_all,
        {{ mean_product('sums.value_count', 'sums.value_sum', 'sums.value_sum', 'sums.value_squares') }}
            as value_variance,
        {{ mean_product('sums.pair_count', 'sums.x', 'sums.x', 'sums.xx') }} as paired_variance,
        {{ correlation('sums.pair_count', 'sums.x', 'sums.y', 'sums.xx', 'sums.yy', 'sums.xy') }} as score_correlation
    from grid
    left join sums
        on grid.year_start = sums.year_start
        and grid.rule_set = sums.rule_set
        and grid.rule_id = sums.rule_id
        and grid.valid_from = sums.valid_from
        and grid.subject_type = sums.subject_type

),

explained as (

    select
        reviewed.*,
        case
            when unit_count = 0 then 'no_unit'
            when coalesce(weight, 0) = 0 then 'no_weight'
            when judged_count = 0 then 'not_measured'
            when points_given = 0 then 'no_points'
            when scored_count = 0 then 'not_scored'
            when is_same_for_all then 'same_for_all'
            when changed_rank_count = 0 then 'no_rank_changed'
            else 'ranks_changed'
        end as verdict
    from reviewed

)

select
    'year' as period_type,
    year_start as period_start,
    rule_set,
    rule_id,
    valid_from,
    subject_type,
    is_closed,
    judged_period_type,
    cast(period_count as signed) as period_count,
    dimension,
    weight,
    metric,
    rule_type,
    label_zh,
    label_en,
    {% for name in [
        'unit', 'applied', 'not_met', 'no_data', 'insufficient_sample', 'not_attributable', 'exempt',
    ] -%}
    cast({{ name }}_count as signed) as {{ name }}_count,
    {% endfor -%}
    {% for share, part, whole in [
        ('applied_share', 'applied_count', 'judged_count'),
        ('ceiling_share', 'ceiling_count', 'value_count'),
        ('floor_share', 'floor_count', 'value_count'),
    ] -%}
    cast(cast({{ part }} as decimal(30, 10)) / nullif({{ whole }}, 0) as decimal(7, 6)) as {{ share }},
    {% endfor -%}
    cast(coalesce(points_sum, 0) as decimal(20, 6)) as points_sum,
    cast(cast(points_given as decimal(30, 10)) / nullif(judged_count, 0) as decimal(12, 6)) as mean_absolute_points,
    cast(coalesce(judged_count, 0) as signed) as judged_count,
    cast(value_count as signed) as value_count,
    cast(value_sum / nullif(value_count, 0) as decimal(20, 10)) as value_mean,
    -- As in metric_correlations: the square root is not a decimal.
    cast(sqrt(value_variance) as decimal(20, 8)) as value_deviation,
    value_min,
    value_max,
    cast(coalesce(pair_count, 0) as signed) as pair_count,
    score_correlation,
    cast(
        case
            when score_correlation is not null then null
            when coalesce(pair_count, 0) <= 1 then 'too_few_pairs'
            when paired_variance = 0 then 'constant_value'
            else 'constant_score'
        end as char(24)
    ) as correlation_reason,
    cast(coalesce(scored_count, 0) as signed) as scored_count,
    cast(coalesce(decided_points, 0) as decimal(20, 6)) as decided_points,
    cast(changed_rank_count as signed) as changed_rank_count,
    cast(verdict as char(24)) as verdict,
    verdict not in ('ranks_changed', 'no_rank_changed') as decided_nothing,
    '{{ invocation_id }}' as build_id
from explained
