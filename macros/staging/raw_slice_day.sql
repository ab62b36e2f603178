{# On that day slice_condition finds it by the index. #}
{% macro raw_slice_day(columns, name) -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- if columns.get(name, '') == 'date' -%}
    case
      when {{ is_real_date(column) }} then {{ column }}
      when {{ column }} >= '1900-01-01'
        then date_add(makedate(year({{ column }}), 1), interval greatest(month({{ column }}), 1) - 1 month)
    end
  {%- else -%}
    {{ raw_date(columns, name) }}
  {%- endif -%}
{%- endmacro %}
