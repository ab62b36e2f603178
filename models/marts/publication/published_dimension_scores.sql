{{ config(materialized='view', contract={'enforced': false}) }}

select
    publications.period_type,
    publications.period_start,
    publications.revision,
    scores.hall_id,
    scores.subject_type,
    scores.subject_id,
    scores.dimension,
    publications.is_latest,
    scores.weight,
    scores.min_score,
    scores.max_score,
    scores.unclamped_score,
    scores.score,
    scores.publication_number,
    scores.line_number,
    scores.row_hash
from {{ ref('publications') }} as publications
inner join {{ source('ledger', 'dimension_scores') }} as scores
    on publications.publication_number = scores.publication_number
