{# The hash (view_version) of the view that is there; none, when that is not known. Goes with view.sql. #}
{% macro held_view_version() -%}
  {%- set rows = run_query(
    "select version from " ~ slice_versions() ~ " where model_name = '" ~ this.identifier ~ "' and slice = 'view'"
  ).rows -%}
  {{ return(rows[0][0] if rows else none) }}
{%- endmacro %}
