{# True when any of these raw columns holds an id that raw_id had to shorten. #}
{% macro has_long_id(columns, names) -%}
  coalesce(
    {%- for name in names if not fits_id(columns, name) %}
    {%- set whole = trimmed_text(utf8_text(columns, name)) %}
    left({{ whole }}, 64) <> {{ whole }} or
    {%- endfor %} 1 = 0, 0
  )
{%- endmacro %}
