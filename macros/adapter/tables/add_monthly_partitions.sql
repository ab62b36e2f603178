{# Remove with monthly_partitions.sql. #}
{% macro add_monthly_partitions(relation, slices) -%}
  {%- set days = slices | reject('equalto', 'none') | list -%}
  {%- if days and config.get('partition_by_month') and var('monthly_partitions') -%}
    {%- set last_partition = run_query(
      "select max(partition_name) from information_schema.partitions where table_schema = '" ~ relation.schema
      ~ "' and table_name = '" ~ relation.identifier ~ "'"
    ).columns[0][0] -%}
    {%- set last_day = modules.datetime.date.fromisoformat(days | max) -%}
    {%- set next_month = modules.datetime.date(last_partition[1:5] | int, last_partition[5:7] | int, 28)
      + modules.datetime.timedelta(days=4) -%}
    {%- if next_month.replace(day=1) <= last_day -%}
      {%- do run_ddl(
        'alter table ' ~ relation ~ ' add partition (' ~ month_partitions(next_month, last_day) ~ ')', relation
      ) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
