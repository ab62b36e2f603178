{# A raw column as date; null when it is no date or missing. A date column is used as it is. #}
{% macro raw_date(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- if type == '' -%}
    cast(null as date)
  {%- elif type == 'date' -%}
    `{{ name }}`
  {%- elif type.startswith('datetime') -%}
    cast(`{{ name }}` as date)
  {%- elif type.startswith('timestamp') -%}
    cast({{ local_timestamp(name) }} as date)
  {%- else -%}
    {{ text_to_date('trim(convert(`' ~ name ~ '` using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
