{# True when any of these raw columns begins or ends with white space or a control character other than plain blanks. #}
{% macro has_trimmed_id(columns, names) -%}
  coalesce(
    {%- for name in names if name in columns %}
    {%- set text = '`' ~ name ~ '`' if is_plain_text(columns, name) else utf8_text(name) %}
    not {{ has_plain_ends(text) }} and trim({{ text }}) regexp {{ blank_ends() }} or
    {%- endfor %} 1 = 0, 0
  )
{%- endmacro %}
