{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'auditor']) }}

with

audited_metrics as (

    select
        audits.period_type,
        audits.period_start,
        audits.hall_id,
        metrics.metric,
        metrics.value,
        case metrics.metric
            when 'avg_process_minutes' then audits.minutes_difference else audits.completed_difference
        end as difference,
        case metrics.metric
            when 'avg_process_minutes' then audits.timed_count else audits.completion_count
        end as sample_count
    from {{ ref('int_period_audits') }} as audits
    inner join {{ ref('metrics') }} as metrics
        on audits.period_type = metrics.period_type
        and audits.period_start = metrics.period_start
        and audits.hall_id = metrics.hall_id
        and metrics.subject_type = 'hall'
        and metrics.metric in ('avg_process_minutes', 'first_visit_completion_rate')
    where audits.auditor = '*'

),

-- The mean difference of the sample is added to the hall's own value: an estimate of what all its cases would show.
audited_values as (

    select
        period_type,
        period_start,
        hall_id,
        metric,
        cast(value + cast(difference as decimal(30, 10)) / sample_count as decimal(20, 10)) as audited_value
    from audited_metrics
    where sample_count > 0

),

changes as (

    select
        components.period_type,
        components.period_start,
        components.hall_id,
        components.dimension,
        sum({{ earned_points('audited_values.audited_value', 'rules') }} - components.points) as point_change
    from audited_values
    inner join {{ ref('score_components') }} as components
        on audited_values.period_type = components.period_type
        and audited_values.period_start = components.period_start
        and audited_values.hall_id = components.hall_id
        and components.subject_type = 'hall'
        and audited_values.metric = components.metric
    inner join {{ ref('stg_scoring_rules') }} as rules
        on components.rule_set = rules.rule_set
        and components.rule_id = rules.rule_id
        and components.period_start between rules.valid_from and rules.valid_to
    where components.status in ('applied', 'not_met')
    group by components.period_type, components.period_start, components.hall_id, components.dimension

),

audited_scores as (

    select
        changes.period_type,
        changes.period_start,
        changes.hall_id,
        sum(dimensions.weight * (
            {{ clamped(
                'dimensions.unclamped_score + changes.point_change', 'weights.min_score', 'weights.max_score'
            ) }} - dimensions.score
        )) as score_change
    from changes
    inner join {{ ref('dimension_scores') }} as dimensions
        on changes.period_type = dimensions.period_type
        and changes.period_start = dimensions.period_start
        and changes.hall_id = dimensions.hall_id
        and dimensions.subject_type = 'hall'
        and changes.dimension = dimensions.dimension
    inner join {{ ref('stg_dimension_weights') }} as weights
        on dimensions.rule_set = weights.rule_set
        and dimensions.dimension = weights.dimension
        and dimensions.period_start between weights.valid_from and weights.valid_to
    group by changes.period_type, changes.period_start, changes.hall_id

),

-- Wilson's interval, (2m + z² ± z √(z² + 4m(n − m)/n)) / (2(n + z²)); the root alone is no decimal.
intervals as (

    select
        audits.*,
        z.parameter_value * z.parameter_value as z_squared,
        z.parameter_value * cast(sqrt(cast(
            z.parameter_value * z.parameter_value
            + cast(4 * audits.match_count * (audits.sample_count - audits.match_count) as decimal(30, 10))
            / audits.sample_count as decimal(30, 10)
        )) as decimal(20, 8)) as half_width
    from {{ ref('int_period_audits') }} as audits
    left join {{ ref('stg_metric_parameters') }} as z
        on z.parameter = 'audit_interval_z' and audits.period_start between z.valid_from and z.valid_to

)

select
    intervals.period_type,
    intervals.period_start,
    intervals.hall_id,
    intervals.auditor,
    intervals.sample_count,
    intervals.match_count,
    intervals.time_match_count,
    intervals.completion_match_count,
    cast(cast(intervals.match_count as decimal(30, 10)) / intervals.sample_count as decimal(7, 6)) as match_rate,
    cast(
        (2 * intervals.match_count + intervals.z_squared - intervals.half_width)
        / (2 * (intervals.sample_count + intervals.z_squared)) as decimal(7, 6)
    ) as match_rate_low,
    cast(
        (2 * intervals.match_count + intervals.z_squared + intervals.half_width)
        / (2 * (intervals.sample_count + intervals.z_squared)) as decimal(7, 6)
    ) as match_rate_high,
    intervals.is_below_minimum,
    scores.composite_score,
    cast(
        scores.composite_score + coalesce(audited_scores.score_change, 0) as decimal(12, 6)
    ) as audited_composite_score,
    '{{ invocation_id }}' as build_id
from intervals
left join {{ ref('scores') }} as scores
    on intervals.auditor = '*'
    and intervals.period_type = scores.period_type
    and intervals.period_start = scores.period_start
    and intervals.hall_id = scores.hall_id
    and scores.subject_type = 'hall'
left join audited_scores
    on intervals.auditor = '*'
    and intervals.period_type = audited_scores.period_type
    and intervals.period_start = audited_scores.period_start
    and intervals.hall_id = audited_scores.hall_id
