{#
  `create table if not exists` asks for the table for itself on MySQL, even when it exists, and waits for all who have
  read it in an open transaction.
  Goes with create_table_of_contract.sql.
#}
{% macro table_exists(relation) -%}
  {{ return(run_query(
    "select 1 from information_schema.tables where table_schema = '" ~ relation.schema ~ "' and table_name = '"
    ~ relation.identifier ~ "'"
  ).rows | length > 0) }}
{%- endmacro %}
