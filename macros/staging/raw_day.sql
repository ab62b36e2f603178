{# A date column stays as it is, so that its index is used. #}
{% macro raw_day(columns, name) -%}
  {{ '`' ~ name ~ '`' if columns.get(name, '') == 'date' else raw_date(columns, name) }}
{%- endmacro %}
