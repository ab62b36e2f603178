-- Cases and ratings by subject for weeks, months and the rolling seven days. Quarters and years are summed from
-- months, so a new day costs the same late in the year.
{{ config(materialized='incremental') }}

{%- set measures = activity_measures() %}

select
    days.period_type,
    days.period_start,
    activity.hall_id,
    activity.subject_type,
    activity.subject_id,
    {% for measure in measures -%}
    cast(sum(activity.{{ measure }}) as {{ measure_type(measure) }}) as {{ measure }}
    {{- "," if not loop.last }}
    {% endfor -%}
from {{ ref('int_period_days') }} as days
inner join {{ ref('int_subject_days') }} as activity on days.calendar_date = activity.activity_date
where
    days.period_type in ('rolling_7d', 'week', 'month')
    and {{ in_slices('days.period_type, days.period_start') }}
group by days.period_type, days.period_start, activity.hall_id, activity.subject_type, activity.subject_id
