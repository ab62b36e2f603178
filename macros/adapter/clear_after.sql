{#
  End the statements of a build that was killed, which MySQL and MariaDB go on with, and drop the tables that
  killed builds had half made. Its sessions are known by the comment that dbt writes before each statement
  (query-comment in dbt_project.yml); the account sees its own. Goes with lock_build.sql.
#}
{% macro clear_after(build_id) -%}
  {%- if build_id -%}
    {%- for (session,) in run_query(
      "select id from information_schema.processlist where info like '%build " ~ build_id ~ "%' and id <> connection_id()"
    ).rows -%}
      {%- do attempt('kill ' ~ session, 1) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- for schema, name in run_query(
    "select table_schema, table_name from information_schema.tables where table_schema in ('"
    ~ generate_schema_name(none, none) ~ "', '" ~ generate_schema_name('work', none)
    ~ "') and (table_name like '%\\_\\_new%' or table_name like '%\\_\\_old%')"
  ).rows -%}
    {%- do attempt('drop table if exists ' ~ api.Relation.create(schema=schema, identifier=name), 1) -%}
  {%- endfor -%}
{%- endmacro %}
