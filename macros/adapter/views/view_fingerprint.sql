{# Without md5, which MySQL 9 may lack. Remove with view.sql. #}
{% macro view_fingerprint() -%}
  (
    select left(sha2(coalesce(max(concat_ws('|', definer, security_type, view_definition)), ''), 256), 32)
    from information_schema.views
    where table_schema = '{{ this.schema }}' and table_name = '{{ this.identifier }}'
  )
{%- endmacro %}
