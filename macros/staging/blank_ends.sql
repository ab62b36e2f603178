{#
  The pattern of white space and control characters at either end of a text: Unicode's separators (Z), control (Cc)
  and formatting characters (Cf), such as tab, no-break and ideographic space, zero width space, byte order mark.
  `(?<!` tries a run of them at its beginning alone: from each of its signs, a long one inside a comment takes minutes.
#}
{% macro blank_ends() -%}
  {%- set blank = '[\\\\p{Z}\\\\p{Cc}\\\\p{Cf}\\\\x{FFFE}\\\\x{FFFF}]' -%}
  '^{{ blank }}+|(?<!{{ blank }}){{ blank }}+$'
{%- endmacro %}
