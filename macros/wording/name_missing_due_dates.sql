{% macro name_missing_due_dates() -%}
  {%- if execute -%}
    {%- set found = run_query(
      "select count(*), (select group_concat(distinct year(calendar_date) order by 1 separator ', ') from "
      ~ ref('int_working_days') ~ ') from ' ~ this ~ " where due_on is null and is_open"
      ~ ' and period_start in (select max(period_start) from ' ~ this ~ ' group by period_type)'
    ).rows[0] -%}
    {%- if found[0] -%}
      {%- do exceptions.warn(
        'seeds/rules/work_calendar.csv: ' ~ found[0] ~ ' open improvement actions have no due date; it has the closing'
        ~ ' days of ' ~ (found[1] or 'no year') ~ ' only'
      ) -%}
    {%- endif -%}
  {%- endif -%}
  select 1
{%- endmacro %}
