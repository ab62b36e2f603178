{#
  dbt-mysql drops the old table before it renames the new one, so that readers
  see a missing table. Here the new table is built aside, keyed, and swapped in
  by one atomic rename. This file can go when upstream swaps atomically.
#}
{% macro build_table(target_relation, existing_relation, sql) -%}
  {%- set new_relation = target_relation.incorporate(path={'identifier': this.identifier ~ '__new'}) -%}
  {%- set old_relation = target_relation.incorporate(path={'identifier': this.identifier ~ '__old'}) -%}
  {#- What a killed build left behind. Its last statement may still run on the server, and make the new table
      only now: the drop waits for it. -#}
  {%- call statement('drop_leftover') -%}drop table if exists {{ new_relation }}{%- endcall -%}
  {%- if load_cached_relation(old_relation) is not none -%}
    {%- call statement('drop_old_leftover') -%}drop table if exists {{ old_relation }}{%- endcall -%}
  {%- endif -%}

  {#- Keys are added to what is filled, which is faster; for a small table each statement more costs more, and
      OceanBase and seekdb would write the table anew for each (and refuse a key in create table as select). -#}
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

  {%- if existing_relation is not none and existing_relation.is_view -%}
    {%- do adapter.drop_relation(existing_relation) -%}
    {%- set existing_relation = none -%}
  {%- endif -%}
  {%- call statement('swap') -%}
    rename table
      {% if existing_relation is not none %}{{ target_relation }} to {{ old_relation }},{% endif %}
      {{ new_relation }} to {{ target_relation }}
  {%- endcall -%}
  {%- if existing_relation is not none -%}
    {%- call statement('drop_old') -%}drop table if exists {{ old_relation }}{%- endcall -%}
  {%- endif -%}
{%- endmacro %}
