{% macro row_text(values) -%}
  concat(
    {%- for value in values -%}
    coalesce(concat(length({{ value }}), ':', {{ value }}), '-'){{ ', ' if not loop.last }}
    {%- endfor -%}
  )
{%- endmacro %}
