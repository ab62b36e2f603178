{# A number as text without needless zeros, with a real minus sign: −2.5, 10. #}
{% macro shown_number(expression, decimals=4) -%}
  replace(trim(trailing '.' from trim(
    trailing '0' from cast(cast({{ expression }} as decimal(30, {{ decimals }})) as char)
  )), '-', '−')
{%- endmacro %}
