{# Text of this type is only trimmed: converting it would take longer than all the rest of reading a log. #}
{% macro raw_text(columns, name, length=64, has_lines=false) -%}
  {%- if name not in columns -%}
    cast(null as char({{ length }})) collate utf8mb4_bin
  {%- elif is_plain_text(columns, name, length) -%}
    {{ trimmed_text('`' ~ name ~ '`', length, has_lines) }}
  {%- else -%}
    left({{ trimmed_text(utf8_text(columns, name), has_lines=has_lines) }}, {{ length }})
  {%- endif -%}
{%- endmacro %}
