{# A raw column as datetime(6); null when it is no date with a time, or missing. #}
{% macro raw_datetime(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- if type == '' -%}
    cast(null as datetime(6))
  {%- elif type == 'datetime(6)' -%}
    `{{ name }}`
  {%- elif type == 'date' or type.startswith('datetime') -%}
    cast(`{{ name }}` as datetime(6))
  {%- elif type.startswith('timestamp') -%}
    {{ local_timestamp(name) }}
  {%- else -%}
    {{ text_to_datetime('trim(convert(`' ~ name ~ '` using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
