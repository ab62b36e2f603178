{# Remove with get_grant_sql.sql. #}
{% macro mysql__get_revoke_sql(relation, privilege, grantees) -%}
  revoke {{ privilege }} on {{ relation }} from {{ quoted_account(grantees[0]) }}
{%- endmacro %}
