{# The parameters of publication, appeals, audits and of marts beside the scores: they belong to no rule book, and a change rescores nothing. #}
{% macro procedure_parameter_names() -%}
  {{ return([
    'publish_from', 'publication_lag', 'appeal_max_adjustment', 'appeal_decision_days', 'audit_tolerance_minutes',
    'audit_minimum_match_rate', 'audit_interval_z', 'audit_cases_per_window',
    'wanted_rating_coverage', 'pain_point_minimum_texts',
  ]) }}
{%- endmacro %}
