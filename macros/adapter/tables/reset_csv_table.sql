{#
  dbt-core drops or truncates the table first: readers find it missing or empty, and both wait for open transactions
  that have read it. Here the transaction that loads the new rows deletes the old ones.
  This file can go when dbt-core does that.
#}
{% macro mysql__reset_csv_table(model, full_refresh, old_relation, agate_table) -%}
  {%- do set_session() -%}
  {%- set types = model.config.get('column_types', {}) -%}
  {%- set wanted = [] -%}
  {%- for name in agate_table.column_names -%}
    {%- do wanted.append([name, types.get(name, adapter.convert_type(agate_table, loop.index0)) | lower]) -%}
  {%- endfor -%}
  {%- set held = [] -%}
  {%- for column in adapter.get_columns_in_relation(old_relation) -%}
    {%- do held.append([column.name, column.dtype | lower]) -%}
  {%- endfor -%}
  {%- if held == wanted -%}
    {%- set sql = 'delete from ' ~ old_relation -%}
    {%- call statement('delete') -%}{{ sql }}{%- endcall -%}
  {%- else -%}
    {%- do run_ddl('drop table if exists ' ~ old_relation, old_relation) -%}
    {%- set sql = create_csv_table(model, agate_table) -%}
  {%- endif -%}
  {{ return(sql) }}
{%- endmacro %}
