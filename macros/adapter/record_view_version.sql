{# Remember the hash (view_version) of the view just made. Goes with view.sql. #}
{% macro record_view_version(version) -%}
  {%- call statement('record_view') -%}
    insert into {{ slice_versions() }} (model_name, slice, version, build_id)
    values ('{{ this.identifier }}', 'view', '{{ version }}', '{{ invocation_id }}')
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
