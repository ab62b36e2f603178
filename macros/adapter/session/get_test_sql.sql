{# A test has its own connection, where set_session did not run. Remove with set_session.sql. #}
{% macro mysql__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  /*M! set statement optimizer_switch = 'split_materialized=off' for */
  {{ default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
