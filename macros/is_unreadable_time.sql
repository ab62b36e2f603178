{# True when any of these raw columns holds text that is no time. #}
{% macro is_unreadable_time(columns, names) -%}
  (
    {%- for name in names if 'char' in columns.get(name, '') or 'text' in columns.get(name, '') %}
    ({{ raw_text(columns, name) }} is not null and {{ raw_datetime(columns, name) }} is null) or
    {%- endfor %} 1 = 0
  )
{%- endmacro %}
