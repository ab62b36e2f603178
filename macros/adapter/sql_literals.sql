{# Texts as a list of SQL literals: a rule id may hold a quote. Goes with incremental.sql. #}
{% macro sql_literals(texts) -%}
  {%- set literals = [] -%}
  {%- for text in texts -%}
    {%- do literals.append("'" ~ text | replace("\\", "\\\\") | replace("'", "''") ~ "'") -%}
  {%- endfor -%}
  {{ return(literals | join(', ')) }}
{%- endmacro %}
