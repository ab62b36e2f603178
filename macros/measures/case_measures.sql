{% macro case_measures() -%}
  {{ return({
    'case_count': '1',
    'process_minutes': 'process_minutes',
    'completed_count': 'is_completed',
    'known_channel_count': 'channel is not null',
    'digital_count': "coalesce(channel in ('self_service', 'online'), 0)",
    'counter_count': "coalesce(channel = 'window', 1)",
    'wait_count': 'wait_minutes is not null',
    'wait_minutes': 'coalesce(wait_minutes, 0)',
  }) }}
{%- endmacro %}
