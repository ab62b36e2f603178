{% macro name_appeal_problems() -%}
  {%- if execute -%}
    {%- for row in run_query(
      "select appeal_id, coalesce(problem, concat('its decision was due on ', due_on)) from " ~ this
      ~ ' where problem is not null or is_overdue order by 1'
    ).rows -%}
      {%- do exceptions.warn(one_line('appeals: row ' ~ row[0] ~ ': ' ~ row[1])) -%}
    {%- endfor -%}
  {%- endif -%}
  select 1
{%- endmacro %}
