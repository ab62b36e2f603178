{#
  dbt-core sends `show grants on <table>`, which MySQL does not support: every run after the first failed.
  An account that may not read others' grants sees none, and grants again.
  This file can go when dbt-mysql has its own.
#}
{% macro mysql__get_show_grant_sql(relation) -%}
  select
    replace(replace(grantee, '''@''%''', ''), '''', '') as grantee,
    lower(privilege_type) as privilege_type
  from information_schema.table_privileges
  where
    table_schema = '{{ relation.schema }}'
    and table_name = '{{ relation.identifier }}'
    and replace(grantee, '''', '') <> current_user()
{%- endmacro %}
