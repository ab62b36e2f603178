{# The servers' defaults are up to a year. Remove with set_session.sql. #}
{% macro lock_waits() -%}
  session lock_wait_timeout = {{ var('lock_wait_seconds') }},
  session innodb_lock_wait_timeout = {{ var('lock_wait_seconds') }}
  {%- if is_oceanbase() %},
  session ob_trx_lock_timeout = {{ var('lock_wait_seconds') }}000000
  {%- endif %}
{%- endmacro %}
