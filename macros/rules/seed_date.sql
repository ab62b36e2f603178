{# stg_rule_problems has refused what is no date. #}
{% macro seed_date(name) -%}
  {{ text_to_date('trim(' ~ name ~ ')') }}
{%- endmacro %}
