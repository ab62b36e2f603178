{% macro last_build_of(model_name) -%}
  (select build_id from {{ slice_versions() }} where model_name = '{{ model_name }}' and slice = 'code')
{%- endmacro %}
