{% macro measure_type(measure) -%}
  {{ return('decimal(30, 10)' if 'minutes' in measure else 'signed') }}
{%- endmacro %}
