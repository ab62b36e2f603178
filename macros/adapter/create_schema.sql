{#
  dbt-mysql creates schemas in the server's default character set: latin1 on
  MariaDB, where Chinese text fails. This file can go when upstream has an option.
#}
{% macro mysql__create_schema(relation) -%}
  {%- call statement('create_schema') -%}
    create schema if not exists {{ relation.without_identifier() }}
    character set utf8mb4 collate utf8mb4_bin
  {%- endcall -%}
{%- endmacro %}
