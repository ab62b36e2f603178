{# Remove with incremental.sql. #}
{% macro slice_keys(slices) -%}
  {%- set keys = [] -%}
  {%- for slice in slices -%}
    {%- do keys.append(slice.split(' ', 2)) -%}
  {%- endfor -%}
  {{ return(keys) }}
{%- endmacro %}
