{% macro case_measures() -%}
  {{ return([
    'case_count', 'process_minutes', 'completed_count', 'known_channel_count', 'digital_count',
    'counter_count', 'wait_count', 'wait_minutes', 'case_window_count', 'case_clerk_count',
    'standard_case_count', 'standard_case_minutes', 'expected_minutes',
  ]) }}
{%- endmacro %}
