-- Each appeal with its deadline and what is wrong with it. An appeal must name a published score; one published
-- earlier in this build counts.
-- depends_on: {{ ref('publish_due_periods') }}
{{ config(primary_key=['appeal_id'], post_hook="{{ raise_missing_work_calendar() }}") }}

with

latest_publications as (

    {{ latest_publications() }}

),

appeals as (

    select
        appeals.*,
        publications.publication_number,
        scores.line_number is not null as names_a_score,
        components.dimension,
        components.rule_set,
        applied.line_number is not null as is_applied,
        -- Also for a subject that a later correction no longer contains: the appeal was upheld.
        exists(
            select 1 from {{ source('ledger', 'components') }} as adjustments
            where adjustments.appeal_id = appeals.appeal_id and adjustments.rule_type = 'appeal'
        ) as was_applied,
        limits.parameter_value as max_adjustment,
        submission.working_days_until + cast(deadlines.parameter_value as signed) as deadline_number
    from {{ ref('stg_appeals') }} as appeals
    left join latest_publications as publications
        on appeals.period_type = publications.period_type and appeals.period_start = publications.period_start
    left join {{ source('ledger', 'scores') }} as scores
        on publications.publication_number = scores.publication_number
        and appeals.hall_id = scores.hall_id
        and appeals.subject_type = scores.subject_type
        and appeals.subject_id = scores.subject_id
    left join {{ source('ledger', 'components') }} as components
        on publications.publication_number = components.publication_number
        and appeals.hall_id = components.hall_id
        and appeals.subject_type = components.subject_type
        and appeals.subject_id = components.subject_id
        and appeals.rule_id = components.rule_id
        and components.rule_type <> 'appeal'
    left join {{ source('ledger', 'components') }} as applied
        on publications.publication_number = applied.publication_number
        and appeals.appeal_id = applied.appeal_id
        and applied.rule_type = 'appeal'
    left join {{ ref('stg_metric_parameters') }} as limits
        on limits.parameter = 'appeal_max_adjustment'
        and cast(appeals.submitted_at as date) between limits.valid_from and limits.valid_to
    left join {{ ref('stg_metric_parameters') }} as deadlines
        on deadlines.parameter = 'appeal_decision_days'
        and cast(appeals.submitted_at as date) between deadlines.valid_from and deadlines.valid_to
    left join {{ ref('int_working_days') }} as submission
        on cast(appeals.submitted_at as date) = submission.calendar_date
    where appeals.copy_number = 1

),

dated as (

    select
        appeals.*,
        (
            select min(days.calendar_date) from {{ ref('int_working_days') }} as days
            where days.working_days_until >= appeals.deadline_number
        ) as due_on
    from appeals

),

judged as (

    select
        dated.*,
        coalesce(coalesce(cast(decided_at as date), cast({{ as_of_date() }} as date)) > due_on, 0) as is_overdue,
        case
            when row_count > 1 then 'the appeal_id is on more than one row'
            when submitted_at is null then 'submitted_at is missing'
            when decision not in ('pending', 'upheld', 'rejected')
                then concat('decision "', decision, '" is not pending, upheld or rejected')
            when not names_a_score and not was_applied
                then concat('it names no published score', case
                    when due_on is null
                        then concat(', and work_calendar.csv has not the year ', year(submitted_at)) else ''
                end)
            when dimension is null and not was_applied
                then concat('the published score has no rule "', coalesce(rule_id, ''), '"')
            when decision <> 'pending' and (decided_by is null or decided_at is null)
                then 'it is decided without decided_by and decided_at'
            when decision <> 'pending' and submitted_by is null then 'it is decided without submitted_by'
            when decision <> 'pending' and lower(decided_by) in (lower(submitted_by), lower(subject_id))
                then concat(decided_by, ' decided their own appeal')
            when decision <> 'pending' and decided_at < submitted_at then 'it is decided before it was submitted'
            when abs(points_adjustment) > max_adjustment
                then concat('an adjustment of ', points_adjustment, ' points; allowed are ', max_adjustment)
        end as problem
    from dated

)

select
    appeal_id,
    hall_id,
    subject_type,
    subject_id,
    period_type,
    period_start,
    publication_number,
    rule_id,
    rule_set,
    dimension,
    points_adjustment,
    submitted_at,
    decision,
    decided_by,
    decided_at,
    case when decision <> 'pending' then decision_reason end as decision_reason,
    due_on,
    cast(is_overdue as signed) as is_overdue,
    cast(problem as char(255)) as problem,
    cast(coalesce(
        decision = 'upheld' and problem is null and dimension is not null and points_adjustment <> 0 and not is_applied,
        0
    ) as signed) as is_to_be_applied
from judged
