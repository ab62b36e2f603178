{# A raw column as datetime(6); null when it is no date with a time, or missing. #}
{% macro raw_datetime(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- if type == '' -%}
    cast(null as datetime(6))
  {%- elif type == 'datetime(6)' -%}
    case when {{ is_real_date(column) }} then {{ column }} end
  {%- elif type == 'date' or type.startswith('datetime') -%}
    case when {{ is_real_date(column) }} then cast({{ column }} as datetime(6)) end
  {%- elif type.startswith('timestamp') -%}
    {{ local_timestamp(name) }}
  {%- else -%}
    {{ text_to_datetime('trim(convert(' ~ column ~ ' using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
