{#
  As set_session does for models: a test's connection is its own, and would be answered wrongly too.
  Goes with set_session.sql.
#}
{% macro mysql__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) -%}
  /*M! set statement optimizer_switch = 'split_materialized=off' for */
  {{ default__get_test_sql(main_sql, fail_calc, warn_if, error_if, limit) }}
{%- endmacro %}
