{# An id, as it is on record, without its blank_ends, null when nothing is left. #}
{% macro trimmed_id(text) -%}
  nullif(regexp_replace({{ text }}, {{ blank_ends() }}, ''), '')
{%- endmacro %}
