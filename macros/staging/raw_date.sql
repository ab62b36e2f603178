{% macro raw_date(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- if type == '' -%}
    cast(null as date)
  {%- elif type == 'date' -%}
    case when {{ is_real_date(column) }} then {{ column }} end
  {%- elif type.startswith('datetime') -%}
    case when {{ is_real_date(column) }} then cast({{ column }} as date) end
  {%- elif type.startswith('timestamp') -%}
    cast({{ local_timestamp(name) }} as date)
  {%- else -%}
    {{ text_to_date('trim(convert(' ~ column ~ ' using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
