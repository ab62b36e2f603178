{# Remove with incremental.sql. #}
{% macro changed_slices(plan, version) -%}
  {%- set changed = run_query(
    "select plan.slice from " ~ plan ~ " as plan left join " ~ slice_versions() ~ " as held on held.model_name = '"
    ~ this.identifier ~ "' and plan.slice = held.slice and plan." ~ version ~ " = held.version where plan." ~ version
    ~ " is not null and held.slice is null order by plan.slice"
  ) -%}
  {%- set gone = run_query(
    "select held.slice from " ~ slice_versions() ~ " as held left join " ~ plan
    ~ " as plan on held.slice = plan.slice and plan." ~ version ~ " is not null where held.model_name = '"
    ~ this.identifier ~ "' and held.slice <> 'code' and plan.slice is null order by held.slice"
  ) -%}
  {%- set wanted = run_query("select count(*) from " ~ plan ~ " where " ~ version ~ " is not null") -%}
  {{ return({
    'changed': changed.columns[0].values() | list,
    'gone': gone.columns[0].values() | list,
    'wanted': wanted.columns[0][0] | int,
  }) }}
{%- endmacro %}
