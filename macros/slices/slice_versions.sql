{#
  The table that says which slices each model holds, and from what: one row a
  model and slice, with the version of the plan it was built from. It is written
  in the transaction that writes the slice, so that a killed build heals itself.
  The slice 'code' holds the signature of the model's own SQL. Goes with incremental.sql.
#}
{% macro slice_versions() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='slice_versions', type='table')) }}
{%- endmacro %}
