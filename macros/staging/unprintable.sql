{#
  The pattern of signs that no id, name or text may hold: control characters, line and paragraph separators, and those
  that turn the direction of what follows (bidi), and the two that are no characters, which no workbook takes. Of a
  text that may have several lines, all but the line break.
#}
{% macro unprintable(has_lines=false) -%}
  {%- set sign = '[\\\\p{Cc}\\\\p{Zl}\\\\p{Zp}\\\\x{202A}-\\\\x{202E}\\\\x{2066}-\\\\x{2069}\\\\x{FFFE}\\\\x{FFFF}]' -%}
  {{ '(?!\\\\n)' ~ sign if has_lines else sign }}
{%- endmacro %}
