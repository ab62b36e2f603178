{# True when any of these raw columns holds an id that is too long (see raw_id). #}
{% macro has_long_id(columns, names) -%}
  coalesce(
    {%- for name in names if not fits_id(columns, name) %}
    {%- set text = id_column(columns, name) %}
    (left({{ text }}, 64) <> {{ text }} and left({{ trimmed_id(text) }}, 64) <> {{ trimmed_id(text) }}) or
    {%- endfor %} 1 = 0, 0
  )
{%- endmacro %}
