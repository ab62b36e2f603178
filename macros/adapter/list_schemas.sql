{#
  The first step of all that writes: a second build ends here, and what a killed one left running on the
  server is ended, before dbt looks for the tables (MariaDB answers only when those being made are there).
  dbt ends each of its sessions with the step that opened it, so that none lives as long as a build: the one
  of this step is kept among the vars of the project, and opened again by lock_build. Goes with lock_build.sql.
#}
{% macro mysql__list_schemas(database) -%}
  {%- call statement('list_schemas', fetch_result=True, auto_begin=False) -%}
    select distinct schema_name from information_schema.schemata
  {%- endcall -%}
  {%- if flags.WHICH != 'test' -%}
    {%- set session = adapter.add_query('select 1', auto_begin=False)[0].handle -%}
    {%- set state = build_lock() -%}
    {%- if run_query(
      "select 1 from information_schema.tables where table_schema = '" ~ state.schema ~ "' and table_name = '"
      ~ state.identifier ~ "'"
    ).rows -%}
      {%- set before = running_build() -%}
      {%- do take_build_lock(session) -%}
      {%- do session.rollback() -%}
      {%- do end_sessions(before) -%}
    {%- endif -%}
    {%- do adapter.config.vars.to_dict().setdefault('session_of_build', session) -%}
  {%- endif -%}
  {{ return(load_result('list_schemas').table) }}
{%- endmacro %}
