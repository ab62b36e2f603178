{#
  The day of a raw row as rows are looked for by it: a date column bare, so that its index is read. It may be no real
  date (see is_real_date): what is kept is its raw_slice_day.
#}
{% macro raw_day(columns, name) -%}
  {{ '`' ~ name ~ '`' if columns.get(name, '') == 'date' else raw_date(columns, name) }}
{%- endmacro %}
