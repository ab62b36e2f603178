{# Remove with get_grant_sql.sql. #}
{% macro quoted_account(grantee) -%}
  {%- set parts = grantee.split('@') -%}
  '{{ parts[0] }}'@'{{ parts[1] if parts | length > 1 else "%" }}'
{%- endmacro %}
