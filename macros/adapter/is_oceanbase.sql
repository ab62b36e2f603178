{# Whether the server is OceanBase or seekdb. Goes with add_keys.sql. #}
{% macro is_oceanbase() -%}
  {{ return('oceanbase' in run_query('select @@version_comment').columns[0].values()[0] | lower) }}
{%- endmacro %}
