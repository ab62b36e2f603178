{#
  The versions are deleted first and written last: if the build is killed in between, the table counts as empty.
  Remove with incremental.sql.
#}
{% macro build_all_slices(target_relation, existing_relation, plan, version, sql) -%}
  {%- call statement('forget') -%}
    delete from {{ slice_versions() }} where model_name = '{{ this.identifier }}'
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {%- do build_table(target_relation, existing_relation, sql) -%}
  {%- do record_slices(plan, version) -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
