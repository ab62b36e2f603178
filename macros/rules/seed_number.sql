{# stg_rule_problems has refused invalid numbers. #}
{% macro seed_number(name) -%}
  {{ text_to_number('trim(' ~ name ~ ')') }}
{%- endmacro %}
