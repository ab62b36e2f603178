{% macro raw_table(table_name, columns) -%}
  {%- if columns or not execute -%}
    {{ source('hall', table_name) }}
  {%- else -%}
    (select 1 as no_such_table from (select 1 as one) as once where 1 = 0) as no_rows
  {%- endif -%}
{%- endmacro %}
