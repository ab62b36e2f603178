{# Written so that an index can be used. #}
{% macro unknown_day(column) -%}
  ({{ column }} is null or {{ column }} < '1900-01-01')
{%- endmacro %}
