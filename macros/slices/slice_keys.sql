{#
  Slices from text ('2026-03-01', 'none', 'week 2026-03-02', 'week 2026-03-02 E1') to lists of their parts.
  Goes with incremental.sql.
#}
{% macro slice_keys(slices) -%}
  {%- set keys = [] -%}
  {%- for slice in slices -%}
    {%- do keys.append(slice.split(' ', 2)) -%}
  {%- endfor -%}
  {{ return(keys) }}
{%- endmacro %}
