{% macro seed_text(name, length=64) -%}
  cast(left(nullif(trim({{ name }}), ''), {{ length }}) as char({{ length }}))
{%- endmacro %}
