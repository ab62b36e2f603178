{#
  End the statements of a build that was killed (from running_build), which MySQL and MariaDB go on with. Its
  sessions are known by the comment that dbt writes before each statement (query-comment in dbt_project.yml);
  an account sees its own. Goes with lock_build.sql.
#}
{% macro end_sessions(build) -%}
  {%- if build -%}
    {%- for session in run_query(
      "select id from information_schema.processlist where info like '%dbt build " ~ build.build_id
      ~ "%' and id <> connection_id()"
    ).columns[0] -%}
      {%- do attempt('kill ' ~ session, 1) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
