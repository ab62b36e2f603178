{#
  MySQL and MariaDB go on running them. Sessions are identified by the comment that dbt writes before each statement
  (query-comment in dbt_project.yml); an account sees its own.
  It uses `show`: information_schema.processlist of MySQL fails while any running statement holds an emoji.
  Remove with lock_build.sql.
#}
{% macro end_sessions(build) -%}
  {%- if build -%}
    {%- for tried in range(var('lock_wait_seconds')) -%}
      {%- set left = [] -%}
      {%- for session in run_query('show full processlist').rows if 'dbt build ' ~ build.build_id in session[7] | string -%}
        {%- do left.append(session[0]) -%}
      {%- endfor -%}
      {%- for session in left if not tried -%}
        {%- do try_statement('kill ' ~ session) -%}
      {%- endfor -%}
      {%- if not left -%}{{ return('') }}{%- endif -%}
      {%- do run_query('select sleep(1)') -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
