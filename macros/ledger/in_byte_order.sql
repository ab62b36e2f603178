{# utf8mb4_bin pads the shorter text with blanks; a verifier elsewhere must get the same order. #}
{% macro in_byte_order(columns) -%}
  {%- for column in columns -%}
    cast({{ column }} as binary){{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
