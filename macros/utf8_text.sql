{# A raw column of any type and character set as text of the project's own. #}
{% macro utf8_text(name) -%}
  convert(`{{ name }}` using utf8mb4) collate utf8mb4_bin
{%- endmacro %}
