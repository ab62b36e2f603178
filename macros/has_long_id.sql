{# True when any of these raw columns holds an id that is too long, or like one that was (see raw_id). #}
{% macro has_long_id(columns, names) -%}
  coalesce(
    {%- for name in names if not fits_id(columns, name, 63) %}
    {%- set text = id_column(columns, name) %}
    (
      length({{ text }}) >= 64
      and (left({{ trimmed_id(text) }}, 64) <> {{ trimmed_id(text) }} or {{ is_like_shortened(trimmed_id(text)) }})
    ) or
    {%- endfor %} 1 = 0, 0
  )
{%- endmacro %}
