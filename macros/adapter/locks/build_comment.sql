{# Remove with end_sessions.sql. #}
{% macro build_comment() -%}
  /* dbt build {{ invocation_id }} */ {{ '' }}
{%- endmacro %}
