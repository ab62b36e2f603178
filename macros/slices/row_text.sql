{#
  Values of a row as one text, which no other values give: each with its length before it, a null as "-".
  Values: SQL that is text, or becomes text without loss.
#}
{% macro row_text(values) -%}
  concat(
    {%- for value in values -%}
    coalesce(concat(length({{ value }}), ':', {{ value }}), '-'){{ ', ' if not loop.last }}
    {%- endfor -%}
  )
{%- endmacro %}
