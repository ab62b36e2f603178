{% macro trimmed_id(text) -%}
  nullif(regexp_replace({{ text }}, {{ blank_ends() }}, ''), '')
{%- endmacro %}
