{% macro parameter_names() -%}
  {{ return([
    'complaint_deadline_hours', 'satisfied_rating', 'max_process_minutes', 'clock_tolerance_minutes',
    'attribution_minimum_share', 'rating_case_days', 'case_mix_reference_minutes', 'active_months_after_last_record',
    'lookback_days', 'public_minimum_ratings', 'wait_target_minutes', 'max_wait_minutes',
    'negative_rating', 'callback_deadline_hours', 'peak_weeks',
  ]) }}
{%- endmacro %}
