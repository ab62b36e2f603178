{# See get_grant_sql. Goes with it. #}
{% macro mysql__get_revoke_sql(relation, privilege, grantees) -%}
  revoke {{ privilege }} on {{ relation }} from {{ quoted_account(grantees[0]) }}
{%- endmacro %}
