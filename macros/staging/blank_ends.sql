{#
  `(?<!` tries a run of them at its beginning alone: from each of its signs, a long run inside a comment takes minutes.
#}
{% macro blank_ends() -%}
  {%- set blank = '[\\\\p{Z}\\\\p{Cc}\\\\p{Cf}\\\\x{FFFE}\\\\x{FFFF}]' -%}
  '^{{ blank }}+|(?<!{{ blank }}){{ blank }}+$'
{%- endmacro %}
