{# The columns that hold a score: the composite and the dimensions' own. #}
{% macro score_names() -%}
  {%- set names = ['composite_score'] -%}
  {%- for dimension in dimension_columns() -%}
    {%- do names.append(dimension ~ '_score') -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
