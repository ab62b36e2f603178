{% macro is_real_date(column) -%}
  {{ column }} >= '1900-01-01' and dayofmonth({{ column }}) > 0 and month({{ column }}) > 0
{%- endmacro %}
