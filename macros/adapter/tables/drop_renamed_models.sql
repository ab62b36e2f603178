{# slice_versions lists every model ever built. Old marts stay: people may still read them. #}
{% macro drop_renamed_models() -%}
  {%- set gone = [] -%}
  {%- if execute and flags.WHICH in ['build', 'run'] and not var('scratch_schema') -%}
    {%- for row in run_query("select model_name from " ~ slice_versions() ~ " where slice = 'code'").rows
        if 'model.' ~ project_name ~ '.' ~ row[0] not in graph.nodes -%}
      {%- do gone.append(row[0]) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if gone -%}
    {#- From 0.1.0, not in slice_versions. -#}
    {%- do gone.extend(['period_publications', 'appeal_publications']) -%}
    {%- for table_name, table_type in run_query(
      "select table_name, table_type from information_schema.tables where table_schema = '" ~ slice_versions().schema
      ~ "' and table_name in (" ~ sql_literals(gone) ~ ")"
    ).rows -%}
      {%- set relation = api.Relation.create(schema=slice_versions().schema, identifier=table_name) -%}
      {%- do run_ddl('drop ' ~ ('view ' if table_type == 'VIEW' else 'table ') ~ relation, relation) -%}
    {%- endfor -%}
    {%- call statement('forget_models') -%}
      delete from {{ slice_versions() }} where model_name in ({{ sql_literals(gone) }})
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
  select 1
{%- endmacro %}
