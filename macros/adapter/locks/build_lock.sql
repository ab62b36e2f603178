{# Remove with lock_build.sql. #}
{% macro build_lock() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='build_lock', type='table')) }}
{%- endmacro %}
