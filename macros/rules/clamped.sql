{% macro clamped(value, lowest, highest) -%}
  least(
    greatest({{ value }}, coalesce({{ lowest }}, {{ value }})),
    coalesce({{ highest }}, greatest({{ value }}, coalesce({{ lowest }}, {{ value }})))
  )
{%- endmacro %}
