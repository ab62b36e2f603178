{#
  A hash of all that a view is made of: its statement, the signatures of the models before it, since the columns
  of a view are settled when it is made, and the account, with whose rights it reads. Goes with view.sql.
#}
{% macro view_version(create_sql, signature) -%}
  {{ return(local_md5(create_sql ~ signature.version ~ run_query('select current_user()').columns[0][0])) }}
{%- endmacro %}
