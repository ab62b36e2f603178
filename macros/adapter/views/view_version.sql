{#
  A view's columns are fixed at its creation, and it reads with the rights of its creator.
  Remove with view.sql.
#}
{% macro view_version(create_sql, signature) -%}
  {{ return(local_md5(create_sql ~ signature.version ~ run_query('select current_user()').columns[0][0])) }}
{%- endmacro %}
