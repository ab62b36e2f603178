{#
  dbt-mysql lists all tables. MariaDB then waits for tables that are being created, so even the message that a build
  runs would wait for its longest statement. Their names are excluded in the query, before the server opens them.
  This file can go when MariaDB lists tables without waiting.
#}
{% macro mysql__list_relations_without_caching(schema_relation) -%}
  {%- call statement('list_relations_without_caching', fetch_result=True) -%}
    select
      null as "database",
      table_name as name,
      table_schema as "schema",
      if(table_type = 'BASE TABLE', 'table', lower(table_type)) as table_type
    from information_schema.tables
    where table_schema = '{{ schema_relation.schema }}' and table_name not regexp '__new(_[0-9a-f]{8})?$'
  {%- endcall -%}
  {{ return(load_result('list_relations_without_caching').table) }}
{%- endmacro %}
