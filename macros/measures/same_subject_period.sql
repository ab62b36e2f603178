{% macro same_subject_period(left, right) -%}
  {%- for column in ['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id'] -%}
  {{ left }}.{{ column }} = {{ right }}.{{ column }}
  {{- " and " if not loop.last }}
  {%- endfor %}
{%- endmacro %}
