-- The steps of a hall's contributions end at its composite score, and every scored hall has some.
with

sums as (

    select period_type, period_start, hall_id, sum(contribution) as contribution_sum, max(step_number) as last_step
    from {{ ref('hall_contributions') }}
    group by period_type, period_start, hall_id

),

last_steps as (

    select sums.*, steps.total_after
    from sums
    inner join {{ ref('hall_contributions') }} as steps
        on sums.period_type = steps.period_type
        and sums.period_start = steps.period_start
        and sums.hall_id = steps.hall_id
        and sums.last_step = steps.step_number

)

select scores.period_type, scores.period_start, scores.hall_id, scores.composite_score, last_steps.total_after
from {{ ref('scores') }} as scores
left join last_steps
    on scores.period_type = last_steps.period_type
    and scores.period_start = last_steps.period_start
    and scores.hall_id = last_steps.hall_id
where
    scores.subject_type = 'hall'
    and scores.status in ('scored', 'shadow')
    -- Each step is rounded to six decimals and may be off by half of the last one.
    and coalesce(
        abs(scores.composite_score - last_steps.contribution_sum) * 1000000 > last_steps.last_step
        or last_steps.total_after <> last_steps.contribution_sum, 1
    )
