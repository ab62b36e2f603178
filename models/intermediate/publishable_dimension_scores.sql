-- Each dimension score as it would be published now, with its limits.
{{ config(materialized='view') }}

select
    scores.period_type,
    scores.period_start,
    scores.hall_id,
    scores.subject_type,
    scores.subject_id,
    scores.dimension,
    scores.weight,
    weights.min_score,
    weights.max_score,
    scores.score
from {{ ref('dimension_scores') }} as scores
inner join {{ ref('stg_dimension_weights') }} as weights
    on scores.rule_set = weights.rule_set
    and scores.dimension = weights.dimension
    and scores.period_start between weights.valid_from and weights.valid_to
