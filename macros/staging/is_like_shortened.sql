{# Hardly any id is so long; test the length first. #}
{% macro is_like_shortened(text, length=64) -%}
  length({{ text }}) >= {{ length }} and char_length({{ text }}) = {{ length }}
  and substring({{ text }}, 48) regexp '^~[0-9a-f]{16}$'
{%- endmacro %}
