-- The values that each trigger judges in closed periods, for subjects that met it at least once. Each row has the
-- length of its run and the first period in which the trigger is no longer in force. Scores are the official ones.
{{ config(primary_key=['trigger_id', 'period_type', 'period_start', 'hall_id', 'subject_id']) }}

{%- set subject = 'trigger_id, period_type, hall_id, subject_type, subject_id' %}
{%- set scores = "'" ~ score_names() | join("', '") ~ "'" %}

with

begun as (

    select
        triggers.*,
        periods.period_start,
        periods.period_end,
        periods.period_start <= triggers.valid_to as is_in_force,
        row_number() over (
            partition by triggers.trigger_id, periods.period_start order by triggers.valid_from desc
        ) as place
    from {{ ref('stg_improvement_triggers') }} as triggers
    inner join {{ ref('int_periods') }} as periods
        on triggers.period_type = periods.period_type
        and triggers.valid_from <= periods.period_start
    where periods.is_closed

),

latest as (

    select
        begun.*,
        lag(is_in_force) over (partition by trigger_id order by period_start) as was_in_force
    from begun
    where place = 1

),

-- The first period without a row in force ends open actions.
triggers as (

    select
        latest.*,
        sum(not is_in_force) over (
            partition by trigger_id order by period_start rows between unbounded preceding and current row
        ) as end_count,
        min(case when not is_in_force then cast(period_start as char(10)) end) over (
            partition by trigger_id order by period_start rows between current row and unbounded following
        ) as ends_in
    from latest
    where is_in_force or was_in_force

),

-- `straight_join`: by the whole key of each value. By period alone, all metrics would be read.
measured as (

    select straight_join
        triggers.*, metrics.hall_id, metrics.subject_id, metrics.value, metrics.sample_size,
        cast(null as signed) as revision
    from triggers
    inner join {{ ref('int_subjects') }} as subjects on triggers.subject_type = subjects.subject_type
    inner join {{ ref('metrics') }} as metrics
        on triggers.period_type = metrics.period_type
        and triggers.period_start = metrics.period_start
        and subjects.hall_id = metrics.hall_id
        and subjects.subject_type = metrics.subject_type
        and subjects.subject_id = metrics.subject_id
        and triggers.metric = metrics.metric
    union all
    select
        triggers.*, standing.hall_id, standing.subject_id,
        case triggers.metric
            {% for score in score_names() -%}
            when '{{ score }}' then standing.{{ score }}
            {% endfor -%}
        end as value, standing.case_count as sample_size, standing.revision
    from triggers
    inner join {{ ref('standing_scores') }} as standing
        on triggers.period_type = standing.period_type
        and triggers.period_start = standing.period_start
        and triggers.subject_type = standing.subject_type
    where triggers.metric in ({{ scores }})

),

judged as (

    select
        measured.*,
        value is not null and sample_size >= min_sample as is_known,
        is_in_force
        and value is not null
        and sample_size >= min_sample
        and value >= coalesce(lower_bound, value)
        and (upper_bound is null or value < upper_bound) as is_met
    from measured

),

-- A known value outside the bounds begins a new run. So does the end of the trigger, also for a subject without a
-- row in that period.
numbered as (

    select
        judged.*,
        sum(is_met) over (partition by {{ subject }}) as met_count,
        end_count + sum(is_known and not is_met) over (
            partition by {{ subject }} order by period_start rows between unbounded preceding and current row
        ) as run_number
    from judged

)

-- Keep only subjects that met the trigger at least once.
select
    trigger_id,
    period_type,
    period_start,
    period_end,
    hall_id,
    subject_type,
    subject_id,
    metric,
    action,
    value,
    sample_size,
    revision,
    lower_bound,
    upper_bound,
    min_sample,
    consecutive_periods,
    deadline_working_days,
    label_zh,
    label_en,
    is_in_force,
    cast(ends_in as date) as ends_in,
    is_met,
    run_number,
    sum(is_met) over (
        partition by {{ subject }}, run_number
        order by period_start rows between unbounded preceding and current row
    ) as run_length
from numbered
where met_count > 0
