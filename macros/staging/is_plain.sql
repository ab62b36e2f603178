{#
  One pattern of ranges costs no more than comparing the ends. The caller checks texts with other characters (rare
  scripts) more closely.
  seekdb keeps 45 bytes of memory for each match until the query ends. There ASCII texts are tested without a pattern,
  by json_quote, which writes each control character with more than one character.
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
