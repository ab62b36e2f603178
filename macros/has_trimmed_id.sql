{#
  True when any of these raw columns begins or ends with white space or a control character other than plain blanks.
  All are looked at together first: hardly a row has a sign at all that could be one (see has_plain_ends).
#}
{% macro has_trimmed_id(columns, names) -%}
  {%- set texts = [] -%}
  {%- for name in names if name in columns -%}
    {%- do texts.append('`' ~ name ~ '`' if is_plain_text(columns, name) else utf8_text(columns, name)) -%}
  {%- endfor -%}
  {%- if texts -%}
  coalesce(
    concat_ws('|', {{ texts | join(', ') }}) regexp '[^ -~、-ﻼ！-￮]'
    and ({% for text in texts %}trim({{ text }}) regexp {{ blank_ends() }}{{ ' or ' if not loop.last }}{% endfor %}), 0
  )
  {%- else -%}
  0
  {%- endif -%}
{%- endmacro %}
