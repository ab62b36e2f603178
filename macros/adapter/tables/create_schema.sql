{#
  dbt-mysql uses the server's default character set: latin1 on MariaDB, where Chinese text fails.
  On MariaDB, creating a schema that exists waits for tables that are being created in it.
  This file can go when upstream has an option.
#}
{% macro mysql__create_schema(relation) -%}
  {%- set is_there = run_query(
    "select 1 from information_schema.schemata where schema_name = '" ~ relation.schema ~ "'"
  ).rows -%}
  {%- call statement('create_schema') -%}
    {%- if is_there -%}
    select 1
    {%- else -%}
    create schema if not exists {{ relation.without_identifier() }}
    character set utf8mb4 collate utf8mb4_bin
    {%- endif -%}
  {%- endcall -%}
{%- endmacro %}
