{% macro largest_parameter(name) -%}
  {%- set parameters = ref('stg_metric_parameters') -%}
  {%- if not execute or load_relation(parameters) is none -%}
    {{ return(0) }}
  {%- endif -%}
  {%- set query -%}
    select coalesce(max(cast(parameter_value as signed)), 0) from {{ parameters }} where parameter = '{{ name }}'
  {%- endset -%}
  {{ return(run_query(query).columns[0][0] | int) }}
{%- endmacro %}
