{# The SHA-256 of values of a row, as 64 hex digits: other values, in whatever column, give another. #}
{% macro fingerprint(values) -%}
  sha2({{ row_text(values) }}, 256)
{%- endmacro %}
