{#
  The dimensions that have a column of their own in wide marts and in the ledger's scores, as `<name>_score`. All
  others stand in dimension_scores and published_dimension_scores. A name added here needs its column in the yml of
  these marts.
#}
{% macro dimension_columns() -%}
  {{ return(['efficiency', 'satisfaction', 'digital']) }}
{%- endmacro %}
