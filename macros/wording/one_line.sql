{% macro one_line(text) -%}
  {{ return(modules.re.sub(
    '[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]', '\ufffd', text | string
  )) }}
{%- endmacro %}
