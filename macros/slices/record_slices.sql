{# Remove with incremental.sql. #}
{% macro record_slices(plan, version, slices=none) -%}
  {%- call statement('record_slices') -%}
    insert into {{ slice_versions() }} (model_name, slice, version, build_id)
    select '{{ this.identifier }}', slice, {{ version }}, '{{ invocation_id }}'
    from {{ plan }}
    where {{ version }} is not null
    {%- if slices is not none %} and slice in ({{ sql_literals(slices) }}){% endif %}
  {%- endcall -%}
{%- endmacro %}
