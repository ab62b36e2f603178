{# Hardly an id is as long, so the length is asked first. #}
{% macro is_like_shortened(text, length=64) -%}
  length({{ text }}) >= {{ length }} and char_length({{ text }}) = {{ length }}
  and substring({{ text }}, 48) regexp '^~[0-9a-f]{16}$'
{%- endmacro %}
