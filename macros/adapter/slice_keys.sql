{# Slices from text ('2026-03-01', 'none', 'week 2026-03-02') to lists of their parts. Goes with incremental.sql. #}
{% macro slice_keys(slices) -%}
  {%- set keys = [] -%}
  {%- for slice in slices -%}
    {%- do keys.append(slice.split(' ')) -%}
  {%- endfor -%}
  {{ return(keys) }}
{%- endmacro %}
