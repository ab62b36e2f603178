{# An appeal with another problem is reported elsewhere and does not stop publication. #}
{% macro raise_missing_work_calendar() -%}
  {%- if execute -%}
    {%- set rows = run_query(
      'select appeal_id, year(submitted_at) from ' ~ this
      ~ ' where problem is null and (due_on is null or year(due_on) > year(submitted_at) + 1) order by 1'
    ).rows -%}
    {%- if rows -%}
      {{ exceptions.raise_compiler_error(
        'seeds/rules/work_calendar.csv: the deadline of appeal ' ~ one_line(rows[0][0]) ~ ' needs the closing days of '
        ~ rows[0][1] ~ ' and the year after; add them as soon as they are announced'
      ) }}
    {%- endif -%}
  {%- endif -%}
  select 1
{%- endmacro %}
