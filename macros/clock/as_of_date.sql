{% macro as_of_date() -%}
  {%- set given = var('as_of_date') | string -%}
  {%- if not given -%}
    '{{ local_now().strftime("%Y-%m-%d") }}'
  {%- elif modules.re.match('^\d{4}-\d{2}-\d{2}$', given) -%}
    '{{ given }}'
  {%- else -%}
    {{ exceptions.raise_compiler_error("var as_of_date: '" ~ given ~ "' is not a date; write it as 2026-03-31") }}
  {%- endif -%}
{%- endmacro %}
