{# The periods that the last build judged, or all with var reconcile: a test then costs what the build did. #}
{% macro written_periods() -%}
  select versions.period_type, versions.period_start
  from {{ ref('period_versions') }} as versions
  inner join {{ slice_versions() }} as held on versions.slice = held.slice and held.model_name = 'scores'
  {%- if not var('reconcile') %}
  where held.build_id = {{ last_build_of('scores') }}
  {%- endif %}
{%- endmacro %}
