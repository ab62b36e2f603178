{#
  A text without unprintable signs and its blank_ends, null when nothing is left; of a type with that length, where it
  is given. Line breaks stay in it where it has_lines.
#}
{% macro trimmed_text(text, length=none, has_lines=false) -%}
  {%- set printable = "regexp_replace(" ~ text ~ ", '" ~ unprintable(has_lines) ~ "', '')" -%}
  {%- set trimmed = "nullif(regexp_replace(" ~ printable ~ ", " ~ blank_ends() ~ ", ''), '')" -%}
  case
    when {{ is_plain(text) }} then {{ text }}
    when {{ text }} is not null
      then {{ 'cast(' ~ trimmed ~ ' as char(' ~ length ~ ')) collate utf8mb4_bin' if length else trimmed }}
  end
{%- endmacro %}
