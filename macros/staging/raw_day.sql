{# A date column stays bare, so that its index is read. #}
{% macro raw_day(columns, name) -%}
  {{ '`' ~ name ~ '`' if columns.get(name, '') == 'date' else raw_date(columns, name) }}
{%- endmacro %}
