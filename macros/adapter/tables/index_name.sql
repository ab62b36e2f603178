{# Remove with add_keys.sql. #}
{% macro index_name(columns) -%}
  by_{{ columns | join('_') | truncate(50, true, '') }}
{%- endmacro %}
