{% macro score_names() -%}
  {%- set names = ['composite_score'] -%}
  {%- for dimension in dimension_columns() -%}
    {%- do names.append(dimension ~ '_score') -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
