{{ config(materialized='view', contract={'enforced': false}) }}

select
    publications.period_type,
    publications.period_start,
    publications.revision,
    scores.hall_id,
    scores.subject_type,
    scores.subject_id,
    publications.is_latest,
    publications.period_end,
    scores.department,
    scores.rule_set,
    scores.peer_group,
    scores.{{ score_names() | join(',\n    scores.') }},
    scores.case_count,
    scores.rating_count,
    scores.complaint_count,
    scores.status,
    scores.is_provisional,
    coalesce(doubts.is_appealed, 0) as is_appealed,
    coalesce(doubts.is_audited_below, 0) as is_audited_below,
    scores.rule_book_hash,
    scores.publication_number,
    scores.line_number,
    scores.row_hash
from {{ ref('publications') }} as publications
inner join {{ source('ledger', 'scores') }} as scores
    on publications.publication_number = scores.publication_number
left join {{ ref('int_published_flags') }} as doubts
    on scores.publication_number = doubts.publication_number
    and scores.hall_id = doubts.hall_id
    and scores.subject_type = doubts.subject_type
    and scores.subject_id = doubts.subject_id
