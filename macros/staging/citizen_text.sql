{# What a citizen wrote in a raw column, its first 4000 characters; null when there is nothing to be seen. #}
{% macro citizen_text(columns, name) -%}
  {{ raw_text(columns, name, 4000, has_lines=true) }}
{%- endmacro %}
