{#
  It locks a row of slice_versions. On seekdb get_lock outlives a killed client, and a locking read of the ledger needs
  UPDATE.
#}
{% macro lock_publications() -%}
  {%- set row = "model_name = 'publications' and slice = 'lock'" -%}
  {%- if not run_query('select 1 from ' ~ slice_versions() ~ ' where ' ~ row).rows -%}
    {%- call statement('make_lock') -%}
      insert ignore into {{ slice_versions() }} (model_name, slice, version, build_id)
      values ('publications', 'lock', '', '{{ invocation_id }}')
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
  {%- call statement('lock') -%}
    select version from {{ slice_versions() }} where {{ row }} for update
  {%- endcall -%}
{%- endmacro %}
