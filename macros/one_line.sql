{# Text of others in a message: what is not printable stands as \n, \x1b …, so that it cannot make lines of its own. #}
{% macro one_line(value) -%}
  {%- set shown = [] -%}
  {%- for char in value | string -%}
    {%- do shown.append(char if char.isprintable() else char.encode('unicode_escape').decode()) -%}
  {%- endfor -%}
  {{ return(shown | join) }}
{%- endmacro %}
