{% macro trimmed_text(text, length=none, has_lines=false) -%}
  {%- set printable = "regexp_replace(" ~ text ~ ", '" ~ unprintable(has_lines) ~ "', '')" -%}
  {%- set trimmed = "nullif(regexp_replace(" ~ printable ~ ", " ~ blank_ends() ~ ", ''), '')" -%}
  case
    when {{ is_plain(text) }} then {{ text }}
    when {{ text }} is not null
      then {{ 'cast(' ~ trimmed ~ ' as char(' ~ length ~ ')) collate utf8mb4_bin' if length else trimmed }}
  end
{%- endmacro %}
