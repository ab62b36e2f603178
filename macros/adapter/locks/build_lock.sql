{#
  The table that says which build writes into these schemas: the row `lock` is locked by a session of the
  build for as long as that lives, the row `build` says whose it is. Goes with lock_build.sql.
#}
{% macro build_lock() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='build_lock', type='table')) }}
{%- endmacro %}
