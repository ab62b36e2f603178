-- 我为什么是这个分？ / Why this score? Every rule in force, what it gave and on what.
-- dbt compile -s why_this_score --vars '{subject: {hall_id: H01, subject_type: clerk, subject_id: C001}}'
{% set subject = var('subject', {'hall_id': 'H01', 'subject_type': 'hall', 'subject_id': 'H01'}) %}

select
    scores.period_type,
    scores.period_start,
    scores.composite_score,
    scores.status as score_status,
    dimensions.dimension,
    dimensions.weight,
    dimensions.score as dimension_score,
    components.rule_id,
    components.label_zh,
    components.label_en,
    components.status,
    components.value,
    components.numerator,
    components.denominator,
    components.sample_size,
    components.points,
    components.distance_to_next_band,
    components.next_band_points
from {{ ref('scores') }} as scores
inner join {{ ref('dimension_scores') }} as dimensions
    on scores.period_type = dimensions.period_type
    and scores.period_start = dimensions.period_start
    and scores.hall_id = dimensions.hall_id
    and scores.subject_type = dimensions.subject_type
    and scores.subject_id = dimensions.subject_id
inner join {{ ref('score_components') }} as components
    on dimensions.period_type = components.period_type
    and dimensions.period_start = components.period_start
    and dimensions.hall_id = components.hall_id
    and dimensions.subject_type = components.subject_type
    and dimensions.subject_id = components.subject_id
    and dimensions.dimension = components.dimension
where
    scores.hall_id = '{{ subject.hall_id }}'
    and scores.subject_type = '{{ subject.subject_type }}'
    and scores.subject_id = '{{ subject.subject_id }}'
order by scores.period_type asc, scores.period_start desc, dimensions.weight desc, components.rule_id asc
