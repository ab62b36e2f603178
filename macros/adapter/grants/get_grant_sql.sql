{#
  dbt-core writes accounts without quotes, so user@host is invalid SQL. This file can go when dbt-mysql quotes them.
#}
{% macro mysql__get_grant_sql(relation, privilege, grantees) -%}
  grant {{ privilege }} on {{ relation }} to {{ quoted_account(grantees[0]) }}
{%- endmacro %}
