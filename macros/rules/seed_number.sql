{# A seed's cell as decimal(20, 10), null when blank; stg_rule_problems has refused what is no number. #}
{% macro seed_number(name) -%}
  {{ text_to_number('trim(' ~ name ~ ')') }}
{%- endmacro %}
