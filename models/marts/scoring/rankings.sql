{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='ranking_versions',
    version='ranking_version',
    primary_key=['period_type', 'period_start', 'subject_type', 'hall_id', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}
-- depends_on: {{ ref('ranking_versions') }}

with

wanted_periods as (

    select
        periods.period_type, periods.period_start, periods.period_end,
        previous.period_start as previous_start, previous.period_end as previous_end
    from {{ ref('periods') }} as periods
    left join {{ ref('periods') }} as previous
        on periods.period_type = previous.period_type
        and periods.period_start = date_add(previous.period_end, interval 1 day)
    where {{ in_slices('periods.period_type, periods.period_start') }}

),

-- A change of rank needs the ranks of the period before.
ranked_periods as (

    select period_type, period_start, period_end from wanted_periods
    union distinct
    select period_type, previous_start as period_start, previous_end as period_end
    from wanted_periods
    where previous_start is not null

),

-- What is published is ranked as it was published.
standing as (

    {{ standing_scores('ranked_periods') }}

),

ranked as (

    select
        period_type,
        period_start,
        subject_type,
        hall_id,
        subject_id,
        period_end,
        revision,
        is_provisional,
        rule_set,
        peer_group,
        cast(round(composite_score, 2) as decimal(12, 2)) as ranked_score,
        rank() over (
            partition by period_type, period_start, subject_type, rule_set, peer_group
            order by round(composite_score, 2) desc
        ) as rank_in_group,
        count(*) over (
            partition by period_type, period_start, subject_type, rule_set, peer_group
        ) as ranked_in_group,
        rank() over (
            partition by period_type, period_start, subject_type, rule_set, peer_group
            order by round(composite_score, 2)
        ) - 1 as lower_count,
        rank() over (
            partition by period_type, period_start, subject_type, hall_id
            order by round(composite_score, 2) desc
        ) as rank_in_hall,
        count(*) over (
            partition by period_type, period_start, subject_type, hall_id
        ) as ranked_in_hall
    from standing
    where status = 'scored'

)

select
    current_rank.period_type,
    current_rank.period_start,
    current_rank.subject_type,
    current_rank.hall_id,
    current_rank.subject_id,
    current_rank.period_end,
    current_rank.revision,
    current_rank.is_provisional,
    current_rank.rule_set,
    current_rank.peer_group,
    current_rank.ranked_score,
    current_rank.rank_in_group,
    current_rank.ranked_in_group,
    current_rank.rank_in_hall,
    current_rank.ranked_in_hall,
    case
        when current_rank.ranked_in_group > 1
            then cast(
                cast(current_rank.lower_count as decimal(30, 10)) / (current_rank.ranked_in_group - 1)
                as decimal(7, 6)
            )
    end as percentile,
    previous_rank.rank_in_group as previous_rank,
    cast(previous_rank.rank_in_group as signed) - cast(current_rank.rank_in_group as signed) as rank_change,
    current_rank.ranked_score - previous_rank.ranked_score as score_change,
    '{{ invocation_id }}' as build_id
from wanted_periods
inner join ranked as current_rank
    on wanted_periods.period_type = current_rank.period_type
    and wanted_periods.period_start = current_rank.period_start
left join ranked as previous_rank
    on current_rank.period_type = previous_rank.period_type
    and wanted_periods.previous_start = previous_rank.period_start
    and current_rank.subject_type = previous_rank.subject_type
    and current_rank.hall_id = previous_rank.hall_id
    and current_rank.subject_id = previous_rank.subject_id
    and current_rank.rule_set = previous_rank.rule_set
    and current_rank.peer_group = previous_rank.peer_group
