{#
  A raw column of any type and character set as text of the project's own; of texts without end, what the other text
  columns can hold: MySQL gives up, with an error, on a pattern that takes too long.
#}
{% macro utf8_text(columns, name) -%}
  {%- set text = 'convert(`' ~ name ~ '` using utf8mb4) collate utf8mb4_bin' -%}
  {{ 'left(' ~ text ~ ', 65535)' if columns[name].startswith(('mediumtext', 'longtext')) else text }}
{%- endmacro %}
