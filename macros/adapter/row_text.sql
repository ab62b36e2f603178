{#
  A row as one text that tells any two rows apart: each field as its length in bytes, a colon and its text; a null
  as "-". expressions: SQL of texts.
#}
{% macro row_text(expressions) -%}
  concat(
    {%- for expression in expressions %}
    coalesce(concat(length({{ expression }}), ':', {{ expression }}), '-')
    {{- ',' if not loop.last }}
    {%- endfor %}
  )
{%- endmacro %}
