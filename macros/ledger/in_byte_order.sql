{# utf8mb4_bin compares as if blanks filled the shorter text; who verifies must find the same order. #}
{% macro in_byte_order(columns) -%}
  {%- for column in columns -%}
    cast({{ column }} as binary){{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
