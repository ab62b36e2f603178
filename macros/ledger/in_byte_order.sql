{#
  Texts to order by, byte by byte, as whoever verifies can: utf8mb4_bin compares as if blanks filled the shorter one.
#}
{% macro in_byte_order(columns) -%}
  {%- for column in columns -%}
    cast({{ column }} as binary){{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
