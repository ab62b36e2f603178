{# Remove with lock_build.sql. #}
{% macro drop_leftovers() -%}
  {%- for schema, name in run_query(
    "select table_schema, table_name from information_schema.tables where table_schema in ('"
    ~ generate_schema_name(none, none) ~ "', '" ~ generate_schema_name('work', none)
    ~ "') and table_name regexp '__(new|old)(_[0-9a-f]{8})?$'"
  ).rows if 'model.' ~ project_name ~ '.' ~ name.rsplit('__', 1)[0] in graph.nodes -%}
    {%- do attempt('drop table if exists ' ~ api.Relation.create(schema=schema, identifier=name), 1) -%}
  {%- endfor -%}
{%- endmacro %}
