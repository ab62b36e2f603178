{% macro procedure_parameter_names() -%}
  {{ return([
    'publish_from', 'publication_lag', 'appeal_max_adjustment', 'appeal_decision_days', 'audit_tolerance_minutes',
    'audit_minimum_match_rate', 'audit_interval_z', 'audit_cases_per_window',
    'item_standard_percentile', 'item_standard_minimum_cases',
    'wanted_rating_coverage', 'pain_point_minimum_texts',
  ]) }}
{%- endmacro %}
