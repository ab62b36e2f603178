{#
  Whether a text surely has nothing to be mended: it is not empty, and has no sign that could be blank or unprintable
  (see blank_ends, unprintable) and no plain blank at its ends. One pattern of ranges costs what comparing the ends
  alone did; a text with a sign that it does not know (rare scripts) is looked at more closely.
#}
{% macro is_plain(text) -%}
  {{ text }} not regexp '{{ odd_sign() }}|^( |$)| $'
{%- endmacro %}
