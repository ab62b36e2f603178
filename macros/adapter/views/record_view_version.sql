{# Remove with view.sql. #}
{% macro record_view_version(version) -%}
  {%- call statement('record_view') -%}
    insert into {{ slice_versions() }} (model_name, slice, version, build_id)
    select '{{ this.identifier }}', 'view', concat('{{ version }}', {{ view_fingerprint() }}), '{{ invocation_id }}'
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
