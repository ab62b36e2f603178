{% macro is_plain_text(columns, name, length=64) -%}
  {%- set matched = modules.re.match('^(var)?char\\(([0-9]+)\\) utf8mb4_bin$', columns.get(name, '')) -%}
  {{ return(matched is not none and matched.group(2) | int <= length) }}
{%- endmacro %}
