{# Remove with create_contracted_table.sql and incremental.sql. #}
{% macro sql_literals(texts) -%}
  {%- set literals = [] -%}
  {%- for text in texts -%}
    {%- do literals.append("'" ~ text | replace("\\", "\\\\") | replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {{ return(literals | join(', ')) }}
{%- endmacro %}
