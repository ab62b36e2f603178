{#
  SQL: a hash of this view as the server holds it, whoever made it. To an account that may not see it, that of
  nothing. (Not by md5: MySQL 9 may lack it.) Goes with view.sql.
#}
{% macro view_fingerprint() -%}
  (
    select left(sha2(coalesce(max(concat_ws('|', definer, security_type, view_definition)), ''), 256), 32)
    from information_schema.views
    where table_schema = '{{ this.schema }}' and table_name = '{{ this.identifier }}'
  )
{%- endmacro %}
