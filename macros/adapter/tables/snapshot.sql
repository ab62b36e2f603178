{#
  dbt-mysql's snapshot needs temporary tables, which seekdb lacks, so it is refused on every engine.
  This file can go when seekdb has them.
#}
{% materialization snapshot, adapter='mysql' -%}
  {%- do exceptions.raise_compiler_error(
    'snapshot ' ~ this.identifier ~ ': snapshots need temporary tables, which not every engine has; '
    ~ 'use materialized: incremental with slice_by'
  ) -%}
{%- endmaterialization %}
