{#
  dbt ends each session with the step that opened it, so no session lasts for the whole build. The session of this
  step, the first that writes, is kept in the project's vars, and lock_build opens it again.
  Remove with lock_build.sql.
#}
{% macro mysql__list_schemas(database) -%}
  {%- call statement('list_schemas', fetch_result=True, auto_begin=False) -%}
    select distinct schema_name from information_schema.schemata
  {%- endcall -%}
  {%- set connection, cursor = adapter.add_query('select 1', auto_begin=False) -%}
  {%- do adapter.config.vars.to_dict().setdefault('session_of_build', connection.handle) -%}
  {{ return(load_result('list_schemas').table) }}
{%- endmacro %}
