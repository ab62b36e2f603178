{#
  Whether a text surely has no blank_ends: it begins and ends with a sign of ASCII, or from the CJK comma on, of which
  the byte order mark alone is blank. A pattern tried on every id would take longer than all the rest of reading a log.
#}
{% macro has_plain_ends(text) -%}
  (
    ({{ text }} between '!' and '~' or {{ text }} between '、' and 'ﻼ')
    and (
      right({{ text }}, 1) between '!' and '~'
      or right({{ text }}, 1) between '、' and '￮' and right({{ text }}, 1) <> '{{ "\ufeff" }}'
    )
  )
{%- endmacro %}
