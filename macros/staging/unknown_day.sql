{# Whether a day is none: missing, or a zero date (0000-00-00) or another from before all logs. An index finds them. #}
{% macro unknown_day(column) -%}
  ({{ column }} is null or {{ column }} < '1900-01-01')
{%- endmacro %}
