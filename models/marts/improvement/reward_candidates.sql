-- Each subject with business against each tier of reward_tiers.csv in force on the first day of the period: whether
-- it qualifies, and if not, why. Equal scores get the same rank and the same reward. Score and rank are the
-- official ones; what bars a reward is what is known now.
{{ config(
    primary_key=['period_type', 'period_start', 'tier_id', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

with

tiers as (

    select * from {{ ref('stg_reward_tiers') }}

),

rewarded_periods as (

    select distinct periods.period_type, periods.period_start
    from {{ ref('int_periods') }} as periods
    inner join tiers
        on periods.period_type = tiers.period_type
        and periods.period_start between tiers.valid_from and tiers.valid_to
    where periods.is_closed

),

open_appeals as (

    select
        appeals.hall_id,
        appeals.subject_type,
        appeals.subject_id,
        publications.period_start,
        publications.period_end
    from {{ ref('appeal_outcomes') }} as appeals
    inner join {{ ref('publications') }} as publications
        on appeals.period_type = publications.period_type
        and appeals.period_start = publications.period_start
        and publications.is_latest
    where appeals.decision = 'pending'

),

judged_subjects as (

    select
        scores.period_type,
        scores.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        scores.period_end,
        scores.revision,
        scores.status,
        scores.case_count,
        scores.complaint_count,
        scores.rule_set,
        scores.peer_group,
        rankings.ranked_score,
        rankings.rank_in_group,
        rankings.ranked_in_group,
        coalesce(measures.upheld_count, 0) as upheld_count,
        coalesce(measures.complaints_attributable, 1) as complaints_attributable,
        coalesce(audits.sample_count, 0) as audited_count,
        audits.match_count,
        audits.match_rate,
        scores.revision is null or coalesce(audits.is_below_minimum, 0) as is_provisional,
        -- Of this period or of a part of it.
        exists(
            select 1
            from open_appeals
            where
                open_appeals.hall_id = scores.hall_id
                and open_appeals.subject_type = scores.subject_type
                and open_appeals.subject_id = scores.subject_id
                and open_appeals.period_start >= scores.period_start
                and open_appeals.period_end <= scores.period_end
        ) as has_open_appeal
    from rewarded_periods
    inner join {{ ref('standing_scores') }} as scores
        on rewarded_periods.period_type = scores.period_type and rewarded_periods.period_start = scores.period_start
    left join {{ ref('int_period_measures') }} as measures
        on {{ same_subject_period('scores', 'measures') }}
    left join {{ ref('rankings') }} as rankings
        on {{ same_subject_period('scores', 'rankings') }}
    left join {{ ref('audit_results') }} as audits
        on scores.period_type = audits.period_type
        and scores.period_start = audits.period_start
        and scores.hall_id = audits.hall_id
        and audits.auditor = '*'
    where scores.status <> 'no_business'

),

conditions as (

    select
        judged_subjects.*,
        tiers.tier_id,
        tiers.reward,
        tiers.tier,
        tiers.min_score,
        tiers.max_rank_share,
        tiers.min_sample,
        tiers.complaints,
        tiers.min_audit_match,
        tiers.label_zh,
        tiers.label_en,
        -- A share of the ranked that is not a whole number is rounded up.
        ceiling(judged_subjects.ranked_in_group * tiers.max_rank_share) as last_rank,
        case
            when judged_subjects.status = 'shadow' then 'shadow'
            when judged_subjects.status <> 'scored' then 'not_scored'
        end as missed_status,
        case when judged_subjects.ranked_score < tiers.min_score then 'score_too_low' end as missed_score,
        case
            when
                judged_subjects.rank_in_group
                > ceiling(judged_subjects.ranked_in_group * coalesce(tiers.max_rank_share, 1))
                then 'rank_too_low'
        end as missed_rank,
        case when judged_subjects.case_count < tiers.min_sample then 'sample_too_small' end as missed_sample,
        case
            when tiers.complaints = 'any' then null
            when not judged_subjects.complaints_attributable then 'complaints_not_attributable'
            -- Also a complaint that was upheld after the publication.
            when tiers.complaints = 'none' and judged_subjects.complaint_count + judged_subjects.upheld_count > 0
                then 'complaint'
            when tiers.complaints = 'none_upheld' and judged_subjects.upheld_count > 0 then 'upheld_complaint'
        end as missed_complaints,
        case when judged_subjects.has_open_appeal then 'open_appeal' end as missed_appeal,
        -- A subject that was not audited is not penalised for it.
        case
            when judged_subjects.match_count < judged_subjects.audited_count * tiers.min_audit_match
                then 'audit_mismatch'
        end as missed_audit
    from tiers
    inner join judged_subjects
        on tiers.subject_type = judged_subjects.subject_type
        and tiers.period_type = judged_subjects.period_type
        and judged_subjects.period_start between tiers.valid_from and tiers.valid_to

),

reasoned as (

    select
        conditions.*,
        nullif(
            concat_ws(
                ', ', missed_status, missed_score, missed_rank, missed_sample, missed_complaints, missed_appeal,
                missed_audit
            ), ''
        ) as missed
    from conditions

),

placed as (

    select
        reasoned.*,
        min(case when missed is null then tier end) over (
            partition by period_type, period_start, hall_id, subject_type, subject_id, reward
        ) as best_tier
    from reasoned

)

select
    period_type,
    period_start,
    tier_id,
    hall_id,
    subject_type,
    subject_id,
    period_end,
    reward,
    cast(tier as signed) as tier,
    missed is null and tier = best_tier as is_candidate,
    cast(
        case when missed is null and tier > best_tier then 'higher_tier' else missed end as char(255)
    ) as missed_reason,
    revision,
    is_provisional,
    rule_set,
    peer_group,
    ranked_score,
    rank_in_group,
    ranked_in_group,
    cast(last_rank as signed) as last_rank,
    case_count,
    complaint_count,
    upheld_count,
    has_open_appeal,
    audited_count,
    match_rate as audit_match_rate,
    min_score,
    max_rank_share,
    cast(min_sample as signed) as min_sample,
    complaints,
    min_audit_match,
    label_zh,
    label_en,
    '{{ invocation_id }}' as build_id
from placed
