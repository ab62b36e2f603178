{# Whether a raw date or datetime is one: a server with a lax sql_mode also holds 0000-00-00 and 2026-03-00. #}
{% macro is_real_date(column) -%}
  {{ column }} >= '1900-01-01' and dayofmonth({{ column }}) > 0 and month({{ column }}) > 0
{%- endmacro %}
