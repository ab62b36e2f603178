{# The id of the build that last ran a model, as SQL: a test reads what that build wrote, also in `dbt test`. #}
{% macro last_build_of(model_name) -%}
  (select build_id from {{ slice_versions() }} where model_name = '{{ model_name }}' and slice = 'code')
{%- endmacro %}
