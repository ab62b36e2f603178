-- Audited cases by hall, period and auditor; auditor "*" is the total.
{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'auditor']) }}

with

audited as (

    select
        days.period_type,
        days.period_start,
        cases.*
    from {{ ref('int_audited_cases') }} as cases
    inner join {{ ref('int_period_days') }} as days on cases.service_date = days.calendar_date
    where cases.outcome = 'compared'

),

counted as (

    {% for auditor in ['auditor', "'*'"] -%}
    select
        period_type,
        period_start,
        hall_id,
        {{ auditor }} as auditor,
        count(*) as sample_count,
        sum(is_match) as match_count,
        sum(is_time_match) as time_match_count,
        sum(is_completion_match) as completion_match_count,
        count(audited_minutes) as timed_count,
        sum(audited_minutes - recorded_minutes) as minutes_difference,
        count(audited_is_completed) as completion_count,
        sum(cast(audited_is_completed as signed) - recorded_is_completed) as completed_difference
    from audited
    group by period_type, period_start, hall_id{{ ", auditor" if loop.first }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    counted.period_type,
    counted.period_start,
    counted.hall_id,
    cast(counted.auditor as char(64)) as auditor,
    counted.sample_count,
    cast(counted.match_count as signed) as match_count,
    cast(counted.time_match_count as signed) as time_match_count,
    cast(counted.completion_match_count as signed) as completion_match_count,
    counted.timed_count,
    cast(counted.minutes_difference as decimal(20, 10)) as minutes_difference,
    counted.completion_count,
    cast(counted.completed_difference as signed) as completed_difference,
    cast(
        coalesce(counted.match_count < counted.sample_count * minimum.parameter_value, 0) as signed
    ) as is_below_minimum
from counted
left join {{ ref('stg_metric_parameters') }} as minimum
    on minimum.parameter = 'audit_minimum_match_rate'
    and counted.period_start between minimum.valid_from and minimum.valid_to
