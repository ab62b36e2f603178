{#
  dbt ends each of its sessions with the step that opened it, so that none lives as long as a build: the one of
  this step, the first of all that writes, is kept among the vars of the project, and opened again by lock_build.
  Goes with lock_build.sql.
#}
{% macro mysql__list_schemas(database) -%}
  {%- call statement('list_schemas', fetch_result=True, auto_begin=False) -%}
    select distinct schema_name from information_schema.schemata
  {%- endcall -%}
  {%- set connection, cursor = adapter.add_query('select 1', auto_begin=False) -%}
  {%- do adapter.config.vars.to_dict().setdefault('session_of_build', connection.handle) -%}
  {{ return(load_result('list_schemas').table) }}
{%- endmacro %}
