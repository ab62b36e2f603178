{#
  A version is written in the same transaction as its slice, so that the next build completes what a killed one left.
  Remove with incremental.sql.
#}
{% macro slice_versions() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='slice_versions', type='table')) }}
{%- endmacro %}
