{# Remove with create_contracted_table.sql. #}
{% macro create_table_of_contract(relation, columns, description, keys=[]) -%}
  {%- call statement('create_contracted') %}
    create table {{ relation }} (
      {%- for column in columns.values() %}
      {{ contract_column(column) }}
      {{- ',' if not loop.last or keys }}
      {%- endfor %}
      {{ keys | join(', ') }}
    ) default character set utf8mb4 collate utf8mb4_bin
    comment {{ sql_literals([description]) }}
  {%- endcall %}
{%- endmacro %}
