{#
  On MySQL, `create table if not exists` requests an exclusive lock even if the table exists, and so waits for open
  transactions that have read it.
  Remove with create_table_of_contract.sql.
#}
{% macro table_exists(relation) -%}
  {{ return(run_query(
    "select 1 from information_schema.tables where table_schema = '" ~ relation.schema ~ "' and table_name = '"
    ~ relation.identifier ~ "'"
  ).rows | length > 0) }}
{%- endmacro %}
