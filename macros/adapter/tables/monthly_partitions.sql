{#
  For a cluster, or to drop a year at once. There is no partition for all later days: months are added when needed.
  This file can go when dbt-mysql has an option for partitions.
#}
{% macro monthly_partitions() -%}
  {%- set column = config.get('partition_by_month') -%}
  {%- if column and var('monthly_partitions') -%}
    {%- set days = run_query('select min(calendar_date), max(calendar_date) from ' ~ ref('plan_days')).rows[0] -%}
    {%- set first = days[0] or modules.datetime.date.fromisoformat(as_of_date() | replace("'", '')) -%}
    partition by range columns ({{ column }}) (
      {{ month_partitions(first, days[1] or first) }}
    )
  {%- endif -%}
{%- endmacro %}
