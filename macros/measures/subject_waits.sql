{#
  Whole minutes, so that a target in whole minutes is judged exactly. The cases are read once and grouped for all
  subject types together. `straight_join`: read by the index from the days; MariaDB would read all cases for three
  weeks.
#}
{% macro subject_waits(period_types) -%}
    select
        minutes.period_type,
        minutes.period_start,
        minutes.hall_id,
        types.subject_type,
        {{ subject_id_of_type('minutes', 'windows') }} as subject_id,
        minutes.within_minutes,
        sum(minutes.wait_count) as wait_count
    from (
        select straight_join
            days.period_type,
            days.period_start,
            cases.hall_id,
            cases.window_id,
            cases.clerk_id,
            ceiling(cases.wait_minutes) as within_minutes,
            count(*) as wait_count
        from {{ ref('int_period_days') }} as days
        inner join {{ ref('int_cases') }} as cases on days.calendar_date = cases.service_date
        where
            days.period_type in ('{{ period_types | join("', '") }}')
            and {{ in_slices('days.period_type, days.period_start') }}
            and cases.wait_minutes is not null
            and cases.outcome in ('counted', 'repaired')
        group by 1, 2, 3, 4, 5, 6
    ) as minutes
    inner join {{ subject_types() }} as types on 1 = 1
    left join {{ ref('stg_windows') }} as windows
        on minutes.hall_id = windows.hall_id and minutes.window_id = windows.window_id
    group by 1, 2, 3, 4, 5, 6
    having subject_id is not null
{%- endmacro %}
