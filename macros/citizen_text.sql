{# What a citizen wrote in a raw column, its first 4000 characters; null when there is nothing but blanks and line ends. #}
{% macro citizen_text(columns, name) -%}
  {%- set text = raw_text(columns, name, 4000) -%}
  case
    when trim(replace(replace(replace(replace({{ text }}, '\n', ''), '\r', ''), '\t', ''), '　', '')) <> ''
      then {{ text }}
  end
{%- endmacro %}
