{# A plain cast of other text would stop the whole build. #}
{% macro text_to_number(text) -%}
  case when {{ text }} regexp '^[+-]?[0-9]{1,9}([.][0-9]{1,30})?$' then cast({{ text }} as decimal(20, 10)) end
{%- endmacro %}
