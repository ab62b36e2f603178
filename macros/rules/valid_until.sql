{% macro valid_until() -%}
  coalesce({{ seed_date('valid_to') }}, cast('9999-12-31' as date))
{%- endmacro %}
