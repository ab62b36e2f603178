{#
  dbt-core sends all grants as one statement with semicolons; MySQL accepts one statement at a time.
  This file can go when dbt-mysql has its own.
#}
{% macro mysql__call_dcl_statements(dcl_statement_list) -%}
  {%- for dcl_statement in dcl_statement_list -%}
    {%- call statement('grants') -%}{{ dcl_statement }}{%- endcall -%}
  {%- endfor -%}
{%- endmacro %}
