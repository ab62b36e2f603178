{# Remove with lock_build.sql. #}
{% macro running_build() -%}
  {%- set rows = run_query(
    "select build_id, account, cast(started_at as char(19)) from " ~ build_lock() ~ " where part = 'build'"
  ).rows -%}
  {%- if rows -%}
    {{ return({'build_id': rows[0][0], 'account': rows[0][1], 'started_at': rows[0][2]}) }}
  {%- endif -%}
  {{ return(none) }}
{%- endmacro %}
