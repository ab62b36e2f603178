{% macro create_ledger() -%}
  {%- for name, table in ledger_tables().items() if not var('scratch_schema') -%}
    {%- set relation = api.Relation.create(schema=table.schema, identifier=name, type='table') -%}
    {%- if loop.first -%}
      {%- do adapter.create_schema(relation) -%}
    {%- endif -%}
    {%- if not table_exists(relation) -%}
      {%- do create_table_of_contract(relation, table.columns, table.description, table.meta.table_keys) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- do upgrade_ledger() -%}
  select 1
{%- endmacro %}
