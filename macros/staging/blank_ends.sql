{#
  `(?<!` tries a run of blanks only at its beginning: tried at each character, a long run in a comment takes minutes.
#}
{% macro blank_ends() -%}
  {%- set blank = '[\\\\p{Z}\\\\p{Cc}\\\\p{Cf}\\\\x{FFFE}\\\\x{FFFF}]' -%}
  '^{{ blank }}+|(?<!{{ blank }}){{ blank }}+$'
{%- endmacro %}
