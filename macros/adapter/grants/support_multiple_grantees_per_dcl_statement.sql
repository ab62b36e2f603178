{# Remove with call_dcl_statements.sql. #}
{% macro mysql__support_multiple_grantees_per_dcl_statement() -%}
  {{ return(false) }}
{%- endmacro %}
