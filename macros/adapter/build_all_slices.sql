{#
  Build the table whole. Its versions are forgotten first and written last: a
  build killed between is one that holds nothing.
#}
{% macro build_all_slices(target_relation, existing_relation, plan, version, sql) -%}
  {%- call statement('forget') -%}
    delete from {{ slice_versions() }} where model_name = '{{ this.identifier }}'
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {%- do build_table(target_relation, existing_relation, sql) -%}
  {%- call statement('remember') -%}
    insert into {{ slice_versions() }} (model_name, slice, version, build_id)
    select '{{ this.identifier }}', slice, {{ version }}, '{{ invocation_id }}'
    from {{ plan }}
    where {{ version }} is not null
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
