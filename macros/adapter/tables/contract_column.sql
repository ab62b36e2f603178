{# Remove with create_table_of_contract.sql. #}
{% macro contract_column(column) -%}
  `{{ column.name }}` {{ column.data_type }}
  {{- ' not null' if column.constraints | selectattr('type', 'equalto', 'not_null') | list else ' null' }}
  {{- ' comment ' ~ sql_literals([column.description]) }}
{%- endmacro %}
