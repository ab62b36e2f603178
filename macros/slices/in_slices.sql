{#
  The materialization `incremental` replaces it by the changed slices as literals, which reach an index through views.
  Goes with incremental.sql.
#}
{% macro in_slices(columns, days_before=0) -%}
  {%- do ref('plan_periods' if ',' in columns else 'plan_days') -%}
  1 = 1 /* in_slices: {{ columns }}: {{ days_before }} */
{%- endmacro %}
