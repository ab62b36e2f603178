-- What has come up about a published score since: an open appeal, or audits of its hall that match too rarely. It
-- is one table, so that the view for readers depends on only one table that builds replace.
{{ config(primary_key=['publication_number', 'hall_id', 'subject_type', 'subject_id']) }}

with

latest_publications as (

    select * from {{ ref('publications') }} where is_latest

),

doubts as (

    select
        scores.publication_number, scores.hall_id, scores.subject_type, scores.subject_id,
        1 as is_appealed, 0 as is_audited_below
    from {{ ref('int_appeals') }} as appeals
    inner join latest_publications as publications
        on appeals.period_type = publications.period_type and appeals.period_start = publications.period_start
    inner join {{ source('ledger', 'scores') }} as scores
        on publications.publication_number = scores.publication_number
        and appeals.hall_id = scores.hall_id
        and appeals.subject_type = scores.subject_type
        and appeals.subject_id = scores.subject_id
    where appeals.decision = 'pending'
    union all
    select
        scores.publication_number, scores.hall_id, scores.subject_type, scores.subject_id,
        0 as is_appealed, 1 as is_audited_below
    from {{ ref('int_period_audits') }} as audits
    inner join latest_publications as publications
        on audits.period_type = publications.period_type and audits.period_start = publications.period_start
    inner join {{ source('ledger', 'scores') }} as scores
        on publications.publication_number = scores.publication_number and audits.hall_id = scores.hall_id
    where audits.auditor = '*' and audits.is_below_minimum

)

select
    publication_number,
    hall_id,
    subject_type,
    subject_id,
    cast(max(is_appealed) as signed) as is_appealed,
    cast(max(is_audited_below) as signed) as is_audited_below
from doubts
group by publication_number, hall_id, subject_type, subject_id
