{# As literals, so that every server uses the key. #}
{% macro in_written_periods(columns, model_name='scores') -%}
  {%- if var('reconcile') or not execute or load_relation(slice_versions()) is none -%}
    1 = 1
  {%- else -%}
    {%- set written = run_query(
      "select slice from " ~ slice_versions() ~ " where model_name = '" ~ model_name
      ~ "' and slice <> 'code' and build_id = " ~ last_build_of(model_name)
    ).columns[0].values() | list -%}
    {{ slice_condition(columns, slice_keys(written)) if written else '1 = 0' }}
  {%- endif -%}
{%- endmacro %}
