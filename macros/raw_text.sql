{# A raw column as trimmed text of at most 64 (or length) characters; null when blank or missing. #}
{% macro raw_text(columns, name, length=64) -%}
  {%- if name in columns -%}
    nullif(left(trim(convert(`{{ name }}` using utf8mb4)), {{ length }}), '') collate utf8mb4_bin
  {%- else -%}
    cast(null as char({{ length }})) collate utf8mb4_bin
  {%- endif -%}
{%- endmacro %}
