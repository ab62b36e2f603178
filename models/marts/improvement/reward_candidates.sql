-- Each subject with business against each tier of reward_tiers.csv in force on the period's first day: whether
-- it qualifies, and if not why. Equal scores share a rank, and so the reward.
{{ config(
    primary_key=['period_type', 'period_start', 'tier_id', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

with

tiers as (

    select * from {{ ref('stg_reward_tiers') }}

),

-- Live scores and ranks; those of a published period, open appeals and audits belong here once they are there.
judged_subjects as (

    select
        scores.period_type,
        scores.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        scores.period_end,
        scores.status,
        scores.case_count,
        scores.rule_set,
        scores.peer_group,
        rankings.ranked_score,
        rankings.rank_in_group,
        rankings.ranked_in_group,
        measures.complaint_count,
        measures.upheld_count,
        measures.complaints_attributable
    from {{ ref('scores') }} as scores
    inner join {{ ref('period_measures') }} as measures
        on {{ same_subject_period('scores', 'measures') }}
    left join {{ ref('rankings') }} as rankings
        on {{ same_subject_period('scores', 'rankings') }}
    where scores.is_closed and scores.status <> 'no_business'

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
        tiers.label_zh,
        tiers.label_en,
        -- A share of the ranked that is no whole number is rounded up.
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
            when tiers.complaints = 'none' and judged_subjects.complaint_count > 0 then 'complaint'
            when tiers.complaints = 'none_upheld' and judged_subjects.upheld_count > 0 then 'upheld_complaint'
        end as missed_complaints
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
            concat_ws(', ', missed_status, missed_score, missed_rank, missed_sample, missed_complaints), ''
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
    rule_set,
    peer_group,
    ranked_score,
    rank_in_group,
    ranked_in_group,
    cast(last_rank as signed) as last_rank,
    case_count,
    complaint_count,
    upheld_count,
    min_score,
    max_rank_share,
    cast(min_sample as signed) as min_sample,
    complaints,
    label_zh,
    label_en,
    '{{ invocation_id }}' as build_id
from placed
