{% macro id_column(columns, name) -%}
  {{ '`' ~ name ~ '`' if is_plain_text(columns, name) else utf8_text(columns, name, is_id=true) }}
{%- endmacro %}
