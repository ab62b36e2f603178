{% macro is_unreadable_time(columns, names, has_zero_dates=false) -%}
  coalesce(
    {%- for name in names %}
    {%- set type = columns.get(name, '') %}
    {%- if 'char' in type or 'text' in type %}
    ({{ raw_text(columns, name) }} is not null and {{ raw_datetime(columns, name) }} is null) or
    {%- elif type.startswith('date') %}
    `{{ name }}` < '1900-01-01'
    {{- ' or dayofmonth(`' ~ name ~ '`) = 0 or month(`' ~ name ~ '`) = 0' if not has_zero_dates }} or
    {%- elif type.startswith('timestamp') %}
    unix_timestamp(`{{ name }}`) = 0 or
    {%- endif %}
    {%- endfor %} 1 = 0, 0
  )
{%- endmacro %}
