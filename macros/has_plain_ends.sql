{#
  Whether a text surely has no blank_ends: it begins and ends with an ASCII, CJK or full-width sign, told by the first
  byte of each. A pattern tried on every id would take longer than all the rest of reading a log.
#}
{% macro has_plain_ends(text) -%}
  (
  {%- for end in ['left', 'right'] -%}
  {%- set sign = end ~ '(' ~ text ~ ', 1)' -%}
  (ascii({{ sign }}) between ascii('!') and ascii('~')
    or ascii({{ sign }}) between ascii('　') and ascii('！')
    and {{ sign }} not in ('　', '{{ "\ufeff" }}', '{{ "\ufff9" }}', '{{ "\ufffa" }}', '{{ "\ufffb" }}')
  )
  {%- if not loop.last %} and {% endif -%}
  {%- endfor -%}
  )
{%- endmacro %}
