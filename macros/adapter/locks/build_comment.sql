{# By which end_sessions knows a statement inside a procedure as one of this build. Goes with end_sessions.sql. #}
{% macro build_comment() -%}
  /* dbt build {{ invocation_id }} */ {{ '' }}
{%- endmacro %}
