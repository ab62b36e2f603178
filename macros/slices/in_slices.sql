{#
  The materialization `incremental` replaces it with the changed slices as literals, so that views use an index too.
  Remove with incremental.sql.
#}
{% macro in_slices(columns, days_before=0) -%}
  {%- do ref('plan_periods' if ',' in columns else 'plan_days') -%}
  1 = 1 /* in_slices: {{ columns }}: {{ days_before }} */
{%- endmacro %}
