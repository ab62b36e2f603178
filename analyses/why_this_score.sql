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
    on {{ same_subject_period('scores', 'dimensions') }}
inner join {{ ref('score_components') }} as components
    on {{ same_subject_period('dimensions', 'components') }}
    and dimensions.dimension = components.dimension
where
    scores.hall_id = '{{ subject.hall_id }}'
    and scores.subject_type = '{{ subject.subject_type }}'
    and scores.subject_id = '{{ subject.subject_id }}'
order by scores.period_type asc, scores.period_start desc, dimensions.weight desc, components.rule_id asc
