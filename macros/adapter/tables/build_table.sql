{#
  dbt-mysql drops the old table before it renames the new one, so readers find no table. A rename waits for every open
  transaction that has read the old table. If the table is small or those do not end, and columns and keys are the
  same, the rows are copied instead, which waits for nobody.
  The new table has the build's id in its name, so that a statement of a killed build cannot swap in its table.
  This file can go when upstream swaps atomically and limits the wait.
#}
{% macro build_table(target_relation, existing_relation, sql) -%}
  {%- set aside = '_' ~ invocation_id[:8] -%}
  {%- set new_relation = target_relation.incorporate(path={'identifier': this.identifier ~ '__new' ~ aside}) -%}
  {%- set old_relation = target_relation.incorporate(path={'identifier': this.identifier ~ '__old' ~ aside}) -%}

  {#- Adding keys to a filled table is faster. For a small table each extra statement costs more, and
      OceanBase and seekdb would rewrite the table for each (and refuse a key in create table as select). -#}
  {%- set primary_key, indexes = config.get('primary_key', []), config.get('indexes', []) -%}
  {%- if config.get('contract').enforced and (config.get('materialized') == 'table' or is_oceanbase()) -%}
    {%- do create_contracted_table(new_relation, model.columns, model.description, sql, primary_key, indexes) -%}
  {%- else -%}
    {%- if config.get('contract').enforced -%}
      {%- do create_contracted_table(new_relation, model.columns, model.description, sql) -%}
    {%- else -%}
      {%- call statement('main') -%}
        create table {{ new_relation }} {{ monthly_partitions() }} as
        {{ sql }}
      {%- endcall -%}
    {%- endif -%}
    {%- do add_keys(new_relation, primary_key, indexes) -%}
  {%- endif -%}
  {%- do adapter.commit() -%}

  {%- if existing_relation is not none and existing_relation.is_view -%}
    {%- do run_ddl('drop view if exists ' ~ existing_relation, existing_relation) -%}
    {%- set existing_relation = none -%}
  {%- endif -%}
  {%- if existing_relation is none -%}
    {%- call statement('name') -%}rename table {{ new_relation }} to {{ target_relation }}{%- endcall -%}
  {%- else -%}
    {%- set swap = 'rename table ' ~ target_relation ~ ' to ' ~ old_relation ~ ', ' ~ new_relation ~ ' to '
      ~ target_relation -%}
    {%- set can_copy = same_structure(target_relation, new_relation) -%}
    {%- if can_copy and (is_small(target_relation, new_relation) or not attempt(swap, 2)) -%}
      {%- do copy_table(new_relation, target_relation) -%}
      {%- set old_relation = new_relation -%}
    {%- elif not can_copy -%}
      {%- do run_ddl(swap, target_relation) -%}
    {%- endif -%}
    {%- call statement('drop_old') -%}drop table if exists {{ old_relation }}{%- endcall -%}
  {%- endif -%}
{%- endmacro %}
