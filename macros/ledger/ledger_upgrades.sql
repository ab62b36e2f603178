{% macro ledger_upgrades() -%}
  {%- set statements = [] -%}
  {%- for name, table in ledger_tables().items() if not var('scratch_schema') -%}
    {%- set relation = api.Relation.create(schema=table.schema, identifier=name, type='table') -%}
    {%- set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- for column in table.columns.values() -%}
      {%- if column.name not in known -%}
        {%- do statements.append(
          'alter table ' ~ relation ~ ' add column ' ~ contract_column(column) ~ ' after `' ~ loop.previtem.name ~ '`'
        ) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
  {{ return(statements) }}
{%- endmacro %}
