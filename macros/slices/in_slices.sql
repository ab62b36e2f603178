{#
  The rows that belong to the slices being built: of a day (one column), a period
  (period_type and period_start) or a rule of one (these and rule_id), days
  optionally from days_before days on.
  By itself it is true for all rows; the materialization `incremental` puts the
  changed slices in its place as literals, which reach through views to an index.
  Goes with incremental.sql.
#}
{% macro in_slices(columns, days_before=0) -%}
  {%- do ref('plan_periods' if ',' in columns else 'plan_days') -%}
  1 = 1 /* in_slices: {{ columns }}: {{ days_before }} */
{%- endmacro %}
