{% macro unprintable(has_lines=false) -%}
  {%- set sign = '[\\\\p{Cc}\\\\p{Zl}\\\\p{Zp}\\\\x{202A}-\\\\x{202E}\\\\x{2066}-\\\\x{2069}\\\\x{FFFE}\\\\x{FFFF}]' -%}
  {{ '(?!\\\\n)' ~ sign if has_lines else sign }}
{%- endmacro %}
