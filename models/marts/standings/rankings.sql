{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='plan_rankings',
    version='ranking_version',
    primary_key=['period_type', 'period_start', 'subject_type', 'hall_id', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}
-- depends_on: {{ ref('plan_rankings') }}
{%- set in_order -%}
over (
    partition by period_type, subject_type, hall_id, subject_id, rule_set, peer_group
    order by period_start
)
{%- endset %}

with

wanted_periods as (

    select period_type, period_start, period_end
    from {{ ref('int_periods') }}
    where {{ in_slices('period_type, period_start') }}

),

-- A change of rank needs the ranks of the period before.
ranked_periods as (

    select * from wanted_periods
    union distinct
    select previous.period_type, previous.period_start, previous.period_end
    from wanted_periods
    inner join {{ ref('int_periods') }} as previous
        on wanted_periods.period_type = previous.period_type
        and wanted_periods.period_start = date_add(previous.period_end, interval 1 day)

),

standing as (

    select standing.*
    from ranked_periods
    inner join {{ ref('standing_scores') }} as standing
        on ranked_periods.period_type = standing.period_type and ranked_periods.period_start = standing.period_start

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

),

-- `lag` adds the ranking before. In a self-join, MariaDB would read all periods of a type.
followed as (

    select
        ranked.*,
        lag(period_end) {{ in_order }} as end_before,
        lag(rank_in_group) {{ in_order }} as rank_before,
        lag(ranked_score) {{ in_order }} as score_before
    from ranked

),

compared as (

    select
        followed.*,
        case when period_start = date_add(end_before, interval 1 day) then rank_before end as previous_rank,
        case when period_start = date_add(end_before, interval 1 day) then score_before end as previous_score
    from followed

)

select
    compared.period_type,
    compared.period_start,
    compared.subject_type,
    compared.hall_id,
    compared.subject_id,
    compared.period_end,
    compared.revision,
    compared.is_provisional,
    compared.rule_set,
    compared.peer_group,
    compared.ranked_score,
    compared.rank_in_group,
    compared.ranked_in_group,
    compared.rank_in_hall,
    compared.ranked_in_hall,
    case
        when compared.ranked_in_group > 1
            then cast(
                cast(compared.lower_count as decimal(30, 10)) / (compared.ranked_in_group - 1)
                as decimal(7, 6)
            )
    end as percentile,
    compared.previous_rank,
    cast(compared.previous_rank as signed) - cast(compared.rank_in_group as signed) as rank_change,
    compared.ranked_score - compared.previous_score as score_change,
    '{{ invocation_id }}' as build_id
from compared
inner join wanted_periods
    on compared.period_type = wanted_periods.period_type
    and compared.period_start = wanted_periods.period_start
