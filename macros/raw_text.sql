{#
  A raw column as trimmed text of at most 64 (or length) characters; null when
  blank or missing. What has the type is only trimmed: converting it would take
  longer than all the rest of reading a log.
#}
{% macro raw_text(columns, name, length=64) -%}
  {%- if name not in columns -%}
    cast(null as char({{ length }})) collate utf8mb4_bin
  {%- elif is_plain_text(columns, name, length) -%}
    {{ trimmed_text('`' ~ name ~ '`', length) }}
  {%- else -%}
    left({{ trimmed_text(utf8_text(columns, name)) }}, {{ length }})
  {%- endif -%}
{%- endmacro %}
