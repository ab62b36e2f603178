{% macro fits_id(columns, name, length=64) -%}
  {%- set type = columns.get(name, 'int') -%}
  {%- set matched = modules.re.match('^(var)?char\\(([0-9]+)\\)', type) -%}
  {{ return('int' in type or matched is not none and matched.group(2) | int <= length) }}
{%- endmacro %}
