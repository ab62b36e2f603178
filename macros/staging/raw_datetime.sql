{# Testing each value of a log for zero dates would add half to the time of all the rest; hence has_zero_dates. #}
{% macro raw_datetime(columns, name, has_zero_dates=false) -%}
  {%- set type = columns.get(name, '') -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- if type == '' -%}
    cast(null as datetime(6))
  {%- elif type == 'datetime(6)' -%}
    {{ column if has_zero_dates else 'case when ' ~ is_real_date(column) ~ ' then ' ~ column ~ ' end' }}
  {%- elif type == 'date' or type.startswith('datetime') -%}
    case when {{ is_real_date(column) }} then cast({{ column }} as datetime(6)) end
  {%- elif type.startswith('timestamp') -%}
    {{ local_timestamp(name) }}
  {%- else -%}
    {{ text_to_datetime('trim(convert(' ~ column ~ ' using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
