{# Remove with view.sql. #}
{% macro held_view_version() -%}
  {%- set rows = run_query(
    "select left(version, 32) from " ~ slice_versions() ~ " where model_name = '" ~ this.identifier
    ~ "' and slice = 'view' and version = concat(left(version, 32), " ~ view_fingerprint() ~ ")"
  ).rows -%}
  {{ return(rows[0][0] if rows else none) }}
{%- endmacro %}
