{# Remove with build_table.sql. #}
{% macro same_structure(one, other) -%}
  {%- set made = [] -%}
  {%- for relation in (one, other) -%}
    {%- do made.append(run_query('show create table ' ~ relation).rows[0][1].split('(', 1)[1]) -%}
  {%- endfor -%}
  {{ return(made[0] == made[1]) }}
{%- endmacro %}
