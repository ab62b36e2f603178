-- Each score as it would be published now, with the department its window or department belongs to.
{{ config(materialized='view') }}

select
    scores.period_type,
    scores.period_start,
    scores.hall_id,
    scores.subject_type,
    scores.subject_id,
    case when scores.subject_type = 'department' then scores.subject_id else windows.department end as department,
    scores.rule_set,
    scores.rule_book_hash,
    scores.peer_group,
    scores.case_count,
    scores.rating_count,
    scores.complaint_count,
    scores.status,
    scores.is_provisional,
    scores.composite_score
from {{ ref('scores') }} as scores
left join {{ ref('dim_windows') }} as windows
    on scores.subject_type = 'window' and scores.hall_id = windows.hall_id and scores.subject_id = windows.window_id
