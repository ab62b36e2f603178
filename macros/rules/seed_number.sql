{# stg_rule_problems has refused what is no number. #}
{% macro seed_number(name) -%}
  {{ text_to_number('trim(' ~ name ~ ')') }}
{%- endmacro %}
