{#
  One pattern of ranges costs what comparing the ends alone did. A text with a sign that it does not know (rare scripts)
  is looked at more closely by the caller.
  seekdb holds memory for each try of a pattern until the query ends, 45 bytes: there a text in ASCII is told without a
  pattern, by json_quote, which writes each control character with more than one sign.
#}
{% macro is_plain(text) -%}
  {%- set pattern = "'" ~ odd_sign() ~ "|^( |$)| $'" -%}
  {%- if execute and is_oceanbase() -%}
  case
    when
      {{ text }} between '!' and '~' and right({{ text }}, 1) between '!' and '~'
      and length({{ text }}) = char_length({{ text }})
      and char_length(json_quote({{ text }})) = char_length({{ text }}) + 2 and instr({{ text }}, '{{ "\x7f" }}') = 0
      then 1
    when {{ text }} is not null then {{ text }} not regexp {{ pattern }}
    else 0
  end
  {%- else -%}
  {{ text }} not regexp {{ pattern }}
  {%- endif -%}
{%- endmacro %}
