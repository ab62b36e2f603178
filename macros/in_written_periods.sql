{#
  The condition for the periods that the last build judged, or for all with var reconcile: a test then costs
  what the build did. Literals, so that each server reads them by the key.
#}
{% macro in_written_periods(columns) -%}
  {%- set plan = ref('period_versions') -%}
  {%- if var('reconcile') or not execute or load_relation(plan) is none -%}
    1 = 1
  {%- else -%}
    {%- set written = run_query(
      "select versions.slice from " ~ plan ~ " as versions inner join " ~ slice_versions()
      ~ " as held on versions.slice = held.slice and held.model_name = 'scores' where held.build_id = "
      ~ last_build_of('scores')
    ).columns[0].values() | list -%}
    {{ slice_condition(columns, slice_keys(written)) if written else '1 = 0' }}
  {%- endif -%}
{%- endmacro %}
