{# A name added here needs a column in the yml of these marts. #}
{% macro dimension_columns() -%}
  {{ return(['efficiency', 'satisfaction', 'digital']) }}
{%- endmacro %}
