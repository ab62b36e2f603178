{% macro citizen_text(columns, name) -%}
  {{ raw_text(columns, name, 4000, has_lines=true) }}
{%- endmacro %}
