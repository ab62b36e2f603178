{#
  dbt-mysql ignores enforced contracts and does not persist docs; this file can go when it does both. Strict mode
  refuses a value that does not fit.
#}
{% macro create_contracted_table(relation, columns, description, sql, primary_key=[], indexes=[]) -%}
  {%- set selected = get_columns_in_query(sql) -%}
  {%- set missing = columns | reject('in', selected) | list -%}
  {%- set unknown = selected | reject('in', columns) | list -%}
  {%- if missing or unknown -%}
    {%- do exceptions.raise_compiler_error(
        'contract of ' ~ this.identifier ~ ': the model does not select ' ~ (missing | join(', ') or 'nothing')
        ~ '; the contract does not name ' ~ (unknown | join(', ') or 'nothing')
    ) -%}
  {%- endif -%}
  {%- do create_table_of_contract(relation, columns, description, key_clauses(primary_key, indexes)) -%}
  {%- call statement('main') %}
    insert into {{ relation }} (`{{ selected | join('`, `') }}`)
    {{ sql }}
  {%- endcall %}
{%- endmacro %}
