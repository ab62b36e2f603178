{#
  Whether an id is written as raw_id writes one that it had to shorten: as it is, it could be that other one. Hardly an
  id is as long, which is asked first.
#}
{% macro is_like_shortened(text, length=64) -%}
  length({{ text }}) >= {{ length }} and char_length({{ text }}) = {{ length }}
  and substring({{ text }}, 48) regexp '^~[0-9a-f]{16}$'
{%- endmacro %}
