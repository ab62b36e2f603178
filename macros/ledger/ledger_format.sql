{% macro ledger_format() -%}
  2
{%- endmacro %}
