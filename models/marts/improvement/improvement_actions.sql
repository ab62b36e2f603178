-- Each trigger of improvement_triggers.csv that has fired, in every closed period until it has recovered.
-- A period in which the value is unknown or its sample too small neither fires, ends nor lengthens anything.
{{ config(
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'trigger_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

{%- set subject = 'trigger_id, period_type, hall_id, subject_type, subject_id' %}

with

triggers as (

    select * from {{ ref('stg_improvement_triggers') }}

),

triggering_metrics as (

    select distinct metric, period_type from triggers

),

-- Live scores; those of a published period belong here once they are read from the ledger.
closed_scores as (

    select * from {{ ref('scores') }} where is_closed

),

measured as (

    select
        metrics.period_type, metrics.period_start, metrics.period_end, metrics.hall_id, metrics.subject_type,
        metrics.subject_id, metrics.metric, metrics.value, metrics.sample_size
    from {{ ref('metrics') }} as metrics
    inner join triggering_metrics
        on metrics.metric = triggering_metrics.metric and metrics.period_type = triggering_metrics.period_type
    where metrics.is_closed and metrics.subject_type <> 'item'
    {% for score in score_names() -%}
    union all
    select
        period_type, period_start, period_end, hall_id, subject_type, subject_id, '{{ score }}' as metric,
        {{ score }} as value, case_count as sample_size
    from closed_scores
    {% endfor %}

),

judged as (

    select
        triggers.*,
        measured.period_start,
        measured.period_end,
        measured.hall_id,
        measured.subject_id,
        measured.value,
        measured.sample_size,
        measured.value is not null and measured.sample_size >= triggers.min_sample as is_known,
        measured.value is not null
        and measured.sample_size >= triggers.min_sample
        and measured.value >= coalesce(triggers.lower_bound, measured.value)
        and (triggers.upper_bound is null or measured.value < triggers.upper_bound) as is_met
    from triggers
    inner join measured
        on triggers.metric = measured.metric
        and triggers.period_type = measured.period_type
        and triggers.subject_type = measured.subject_type
        and measured.period_start between triggers.valid_from and triggers.valid_to

),

-- Every known value outside the bounds begins a new run.
numbered as (

    select
        judged.*,
        sum(is_known and not is_met) over (
            partition by {{ subject }} order by period_start rows between unbounded preceding and current row
        ) as run_number
    from judged

),

counted as (

    select
        numbered.*,
        sum(is_met) over (
            partition by {{ subject }}, run_number
            order by period_start rows between unbounded preceding and current row
        ) as run_length
    from numbered

),

opened as (

    select
        counted.*,
        run_length >= consecutive_periods as is_open,
        min(case when run_length >= consecutive_periods then cast(period_start as char(10)) end) over (
            partition by {{ subject }}, run_number
            order by period_start rows between unbounded preceding and current row
        ) as opened_in
    from counted

),

carried as (

    select
        opened.*,
        coalesce(lag(is_open) over (partition by {{ subject }} order by period_start), 0) as was_open,
        lag(opened_in) over (partition by {{ subject }} order by period_start) as was_opened_in
    from opened

),

fired as (

    select * from carried where is_open or was_open

),

-- The values that fired it, and those since.
run_values as (

    select
        fired.trigger_id, fired.period_type, fired.period_start, fired.hall_id, fired.subject_type, fired.subject_id,
        min(counted.period_start) as first_period_start,
        group_concat(
            concat(counted.period_start, ': ', {{ shown_number('counted.value') }}, ' (', counted.sample_size, ')')
            order by counted.period_start separator '; '
        ) as evidence
    from fired
    inner join counted
        on fired.trigger_id = counted.trigger_id
        and fired.period_type = counted.period_type
        and fired.hall_id = counted.hall_id
        and fired.subject_type = counted.subject_type
        and fired.subject_id = counted.subject_id
        and fired.run_number = counted.run_number
        and fired.period_start >= counted.period_start
    where fired.is_open and counted.is_met
    group by
        fired.trigger_id, fired.period_type, fired.period_start, fired.hall_id, fired.subject_type, fired.subject_id

)

select
    fired.period_type,
    fired.period_start,
    fired.hall_id,
    fired.subject_type,
    fired.subject_id,
    fired.trigger_id,
    fired.period_end,
    fired.metric,
    fired.action,
    cast(
        case when not fired.is_open then 'recovered' when fired.was_open then 'continuing' else 'new' end as char(16)
    ) as state,
    cast(fired.value as decimal(20, 10)) as value,
    fired.sample_size,
    fired.lower_bound,
    fired.upper_bound,
    cast(fired.min_sample as signed) as min_sample,
    cast(fired.consecutive_periods as signed) as consecutive_periods,
    cast(fired.run_length as signed) as run_length,
    cast(case when fired.is_open then fired.opened_in else fired.was_opened_in end as date) as opened_in,
    run_values.first_period_start,
    cast(left(run_values.evidence, 2000) as char(2000)) as evidence,
    cast(fired.deadline_working_days as signed) as deadline_working_days,
    fired.label_zh,
    fired.label_en,
    '{{ invocation_id }}' as build_id
from fired
left join run_values
    on {{ same_subject_period('fired', 'run_values') }}
    and fired.trigger_id = run_values.trigger_id
