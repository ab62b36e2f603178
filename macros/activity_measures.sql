{# The daily measures of a subject's cases and ratings, which periods sum up. #}
{% macro activity_measures() -%}
  {{ return([
    'case_count', 'process_minutes', 'completed_count', 'known_channel_count', 'digital_count',
    'counter_count', 'case_window_count', 'case_clerk_count',
    'standard_case_count', 'standard_case_minutes', 'expected_minutes',
    'rating_count', 'rating_window_count', 'rating_clerk_count',
    'star_1_count', 'star_2_count', 'star_3_count', 'star_4_count', 'star_5_count',
  ]) }}
{%- endmacro %}
