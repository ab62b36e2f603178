{# See call_dcl_statements. Goes with it. #}
{% macro mysql__support_multiple_grantees_per_dcl_statement() -%}
  {{ return(false) }}
{%- endmacro %}
