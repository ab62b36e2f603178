{% macro shown_number(expression, decimals=4) -%}
  replace(trim(trailing '.' from trim(
    trailing '0' from cast(cast({{ expression }} as decimal(30, {{ decimals }})) as char)
  )), '-', '−')
{%- endmacro %}
