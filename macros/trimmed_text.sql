{# A text without its blank_ends, null when nothing is left; of a type with that length, where it is given. #}
{% macro trimmed_text(text, length=none) -%}
  {%- set trimmed = "nullif(regexp_replace(" ~ text ~ ", " ~ blank_ends() ~ ", ''), '')" -%}
  case
    when {{ has_plain_ends(text) }} then {{ text }}
    when {{ text }} is not null
      then {{ 'cast(' ~ trimmed ~ ' as char(' ~ length ~ ')) collate utf8mb4_bin' if length else trimmed }}
  end
{%- endmacro %}
