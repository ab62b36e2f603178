-- Each component as it would be published now, with all of its rule that is in force.
{{ config(materialized='view') }}

select
    components.period_type,
    components.period_start,
    components.hall_id,
    components.subject_type,
    components.subject_id,
    components.dimension,
    components.rule_id,
    cast(null as char(64)) as appeal_id,
    components.rule_set,
    components.metric,
    components.rule_type,
    components.lower_bound,
    components.upper_bound,
    components.benchmark,
    rules.points as rule_points,
    components.points_per_unit,
    rules.min_points,
    rules.max_points,
    rules.min_sample,
    components.when_missing,
    coalesce(definitions.is_count, 0) as is_count,
    components.numerator,
    components.denominator,
    components.value,
    components.sample_size,
    components.status,
    components.points,
    components.label_zh,
    components.label_en,
    cast(null as char(64)) as decided_by,
    cast(null as char(500)) as decision_reason
from {{ ref('score_components') }} as components
inner join {{ ref('stg_scoring_rules') }} as rules
    on components.rule_set = rules.rule_set
    and components.rule_id = rules.rule_id
    and components.period_start between rules.valid_from and rules.valid_to
left join {{ ref('stg_metric_definitions') }} as definitions on components.metric = definitions.metric
