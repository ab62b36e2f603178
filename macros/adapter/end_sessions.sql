{#
  End the statements of a build that was killed (from running_build), which MySQL and MariaDB go on with, and wait
  until they have been taken back: var lock_wait_seconds at most. Its sessions are known by the comment that dbt
  writes before each statement (query-comment in dbt_project.yml); an account sees its own. Goes with lock_build.sql.
#}
{% macro end_sessions(build) -%}
  {%- if build -%}
    {%- set left = "select id from information_schema.processlist where info like '%dbt build " ~ build.build_id
      ~ "%' and id <> connection_id()" -%}
    {%- set sessions = run_query(left).columns[0].values() | list -%}
    {%- for session in sessions -%}
      {%- do try_statement('kill ' ~ session) -%}
    {%- endfor -%}
    {%- for _ in range(var('lock_wait_seconds')) if sessions and run_query(left).rows -%}
      {%- do run_query('select sleep(1)') -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
