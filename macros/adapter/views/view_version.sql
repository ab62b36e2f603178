{#
  The columns of a view are settled when it is made, and it reads with the rights of the account that made it.
  Goes with view.sql.
#}
{% macro view_version(create_sql, signature) -%}
  {{ return(local_md5(create_sql ~ signature.version ~ run_query('select current_user()').columns[0][0])) }}
{%- endmacro %}
