{{ config(materialized='view', contract={'enforced': false}) }}

with

pending_appeals as (

    select period_type, period_start, hall_id, subject_type, subject_id, count(*) as appeal_count
    from {{ ref('appeal_outcomes') }}
    where decision = 'pending'
    group by period_type, period_start, hall_id, subject_type, subject_id

)

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
    scores.composite_score,
    scores.efficiency_score,
    scores.satisfaction_score,
    scores.digital_score,
    scores.case_count,
    scores.rating_count,
    scores.complaint_count,
    scores.status,
    scores.is_provisional,
    coalesce(publications.is_latest and pending_appeals.appeal_count > 0, 0) as is_appealed,
    scores.rule_book_hash,
    scores.publication_number,
    scores.line_number,
    scores.row_hash
from {{ ref('publications') }} as publications
inner join {{ source('ledger', 'scores') }} as scores
    on publications.publication_number = scores.publication_number
left join pending_appeals
    on publications.period_type = pending_appeals.period_type
    and publications.period_start = pending_appeals.period_start
    and scores.hall_id = pending_appeals.hall_id
    and scores.subject_type = pending_appeals.subject_type
    and scores.subject_id = pending_appeals.subject_id
