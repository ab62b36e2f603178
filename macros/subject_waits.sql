{#
  How many waited how long, of each subject in periods of some types: one row a whole minute.
  A wait of more than 14 and at most 15 minutes is `within_minutes` 15, so that a target of whole
  minutes is judged exactly. Each subject type by itself: the days then reach the table's index.
#}
{% macro subject_waits(period_types) -%}
  {%- for subject_type, subject_column in scored_subjects().items() %}
    select
        days.period_type,
        days.period_start,
        cases.hall_id,
        '{{ subject_type }}' as subject_type,
        {{ 'windows' if subject_type == 'department' else 'cases' }}.{{ subject_column }} as subject_id,
        ceiling(cases.wait_minutes) as within_minutes,
        count(*) as wait_count
    from {{ ref('period_days') }} as days
    inner join {{ ref('daily_cases') }} as cases on days.calendar_date = cases.service_date
    {% if subject_type == 'department' -%}
    inner join {{ ref('stg_windows') }} as windows
        on cases.hall_id = windows.hall_id and cases.window_id = windows.window_id
    {% endif -%}
    where
        days.period_type in ('{{ period_types | join("', '") }}')
        and {{ in_slices('days.period_type, days.period_start') }}
        and cases.wait_minutes is not null
        and cases.outcome in ('counted', 'repaired')
        and {{ 'windows' if subject_type == 'department' else 'cases' }}.{{ subject_column }} is not null
    group by 1, 2, 3, 4, 5, 6
  {%- if not loop.last %}
    union all
  {%- endif -%}
  {%- endfor -%}
{%- endmacro %}
