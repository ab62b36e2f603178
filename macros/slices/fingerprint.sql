{% macro fingerprint(values) -%}
  sha2({{ row_text(values) }}, 256)
{%- endmacro %}
