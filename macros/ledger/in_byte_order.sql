{# Columns to order by, byte by byte: as texts, utf8mb4_bin would take 'a' for 'a ' and put a control character before it. #}
{% macro in_byte_order(columns) -%}
  {%- for column in columns -%}
    cast({{ column }} as binary){{ ', ' if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
