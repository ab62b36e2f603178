{#
  A version is written in the transaction that writes its slice, so that the next build mends what a killed one left.
  Goes with incremental.sql.
#}
{% macro slice_versions() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='slice_versions', type='table')) }}
{%- endmacro %}
