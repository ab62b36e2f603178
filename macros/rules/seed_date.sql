{# stg_rule_problems has refused invalid dates. #}
{% macro seed_date(name) -%}
  {{ text_to_date('trim(' ~ name ~ ')') }}
{%- endmacro %}
