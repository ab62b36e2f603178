{% macro fingerprint(values) -%}
  sha2(concat(
    {%- for value in values -%}
    coalesce(concat(length({{ value }}), ':', {{ value }}), '-'){{ ', ' if not loop.last }}
    {%- endfor -%}
  ), 256)
{%- endmacro %}
