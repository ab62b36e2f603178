{# Remove with add_keys.sql. #}
{% macro key_clauses(primary_key, indexes) -%}
  {%- set clauses = [] -%}
  {%- if primary_key -%}
    {%- do clauses.append('primary key (' ~ primary_key | join(', ') ~ ')') -%}
  {%- endif -%}
  {%- for columns in indexes -%}
    {%- do clauses.append('index ' ~ index_name(columns) ~ ' (' ~ columns | join(', ') ~ ')') -%}
  {%- endfor -%}
  {{ return(clauses) }}
{%- endmacro %}
