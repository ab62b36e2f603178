-- Each trigger that has fired, in every closed period until it recovers or ends. A period with an unknown value or
-- too small a sample does not fire, end or lengthen anything.
{{ config(
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'trigger_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
    post_hook="{{ name_missing_due_dates() }}",
) }}

{%- set subject = 'trigger_id, period_type, hall_id, subject_type, subject_id' %}

with

runs as (

    select * from {{ ref('int_trigger_runs') }}

),

-- The row of a subject that no longer exists in the period in which its trigger ends.
last_rows as (

    select
        runs.*,
        row_number() over (partition by {{ subject }}, ends_in order by period_start desc) as place
    from runs
    where ends_in is not null

),

judged as (

    select
        trigger_id, period_type, period_start, period_end, hall_id, subject_type, subject_id, metric, action,
        value, sample_size, revision, lower_bound, upper_bound, min_sample, consecutive_periods, label_zh, label_en,
        is_in_force, run_number, run_length
    from runs
    union all
    select
        last_rows.trigger_id, last_rows.period_type, periods.period_start, periods.period_end, last_rows.hall_id,
        last_rows.subject_type, last_rows.subject_id, last_rows.metric, last_rows.action, null as value,
        null as sample_size, null as revision, last_rows.lower_bound, last_rows.upper_bound, last_rows.min_sample,
        last_rows.consecutive_periods, last_rows.label_zh, last_rows.label_en, 0 as is_in_force,
        last_rows.run_number + 1 as run_number, 0 as run_length
    from last_rows
    inner join {{ ref('int_periods') }} as periods
        on last_rows.period_type = periods.period_type and last_rows.ends_in = periods.period_start
    where last_rows.place = 1 and last_rows.is_in_force

),

opened as (

    select
        judged.*,
        run_length >= consecutive_periods as is_open,
        min(case when run_length >= consecutive_periods then cast(period_start as char(10)) end) over (
            partition by {{ subject }}, run_number
            order by period_start rows between unbounded preceding and current row
        ) as opened_in
    from judged

),

carried as (

    select
        opened.*,
        coalesce(lag(is_open) over (partition by {{ subject }} order by period_start), 0) as was_open,
        lag(opened_in) over (partition by {{ subject }} order by period_start) as was_opened_in
    from opened

),

fired as (

    select
        carried.*,
        cast(case when is_open then opened_in else was_opened_in end as date) as opened_on
    from carried
    where is_open or was_open

),

states as (

    select
        fired.*,
        -- Whether the last row of the action has neither recovered nor ended.
        min(is_open) over (partition by {{ subject }}, opened_on) as is_still_open
    from fired

),

-- The values that fired it, and those since.
run_values as (

    select
        fired.trigger_id, fired.period_type, fired.period_start, fired.hall_id, fired.subject_type, fired.subject_id,
        min(runs.period_start) as first_period_start,
        group_concat(
            concat(
                runs.period_start, ': ', {{ shown_number('runs.value', decimals=10) }}, ' (', runs.sample_size, ')'
            ) order by runs.period_start separator '; '
        ) as evidence
    from fired
    inner join runs
        on fired.trigger_id = runs.trigger_id
        and fired.period_type = runs.period_type
        and fired.hall_id = runs.hall_id
        and fired.subject_type = runs.subject_type
        and fired.subject_id = runs.subject_id
        and fired.run_number = runs.run_number
        and fired.period_start >= runs.period_start
    where fired.is_open and runs.is_met
    group by
        fired.trigger_id, fired.period_type, fired.period_start, fired.hall_id, fired.subject_type, fired.subject_id

),

triggers as (

    select distinct trigger_id, period_type, period_start, period_end, deadline_working_days
    from runs

),

-- Counted from the as-of day of the first publication: before it nobody had been told.
deadlines as (

    select
        triggers.trigger_id,
        triggers.period_type,
        triggers.period_start,
        triggers.deadline_working_days,
        greatest(due_days.calendar_date, first_days.calendar_date) as due_on
    from triggers
    left join {{ ref('publications') }} as publications
        on triggers.period_type = publications.period_type
        and triggers.period_start = publications.period_start
        and publications.revision = 1
    left join {{ ref('int_working_days') }} as first_days
        on first_days.calendar_date = coalesce(publications.as_of_date, triggers.period_end)
    left join {{ ref('int_working_days') }} as due_days
        on first_days.year_span = due_days.year_span
        and due_days.is_working_day
        and due_days.working_days_until = first_days.working_days_until + triggers.deadline_working_days

)

select
    states.period_type,
    states.period_start,
    states.hall_id,
    states.subject_type,
    states.subject_id,
    states.trigger_id,
    states.period_end,
    states.metric,
    states.action,
    cast(
        case
            when not states.is_in_force then 'ended'
            when not states.is_open then 'recovered'
            when states.was_open then 'continuing'
            else 'new'
        end as char(16)
    ) as state,
    states.is_open,
    cast(states.value as decimal(20, 10)) as value,
    states.sample_size,
    states.revision,
    states.lower_bound,
    states.upper_bound,
    cast(states.min_sample as signed) as min_sample,
    cast(states.consecutive_periods as signed) as consecutive_periods,
    cast(states.run_length as signed) as run_length,
    states.opened_on as opened_in,
    run_values.first_period_start,
    -- As many as fit the column, counting the longest values.
    cast(substring_index(run_values.evidence, '; ', -40) as char(2000)) as evidence,
    cast(deadlines.deadline_working_days as signed) as deadline_working_days,
    deadlines.due_on,
    coalesce(states.is_still_open and deadlines.due_on < {{ as_of_date() }}, 0) as is_overdue,
    states.label_zh,
    states.label_en,
    '{{ invocation_id }}' as build_id
from states
left join run_values
    on {{ same_subject_period('states', 'run_values') }}
    and states.trigger_id = run_values.trigger_id
left join deadlines
    on states.trigger_id = deadlines.trigger_id
    and states.period_type = deadlines.period_type
    and states.opened_on = deadlines.period_start
