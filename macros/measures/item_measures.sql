{% macro item_measures() -%}
  {{ return({
    'case_window_count': 'case when items.window_id is not null then items.counter_count else 0 end',
    'case_clerk_count': 'case when items.clerk_id is not null then items.counter_count else 0 end',
    'standard_case_count': 'case when standards.item_code is not null then items.case_count else 0 end',
    'standard_case_minutes': 'case when standards.item_code is not null then items.process_minutes else 0 end',
    'expected_minutes': 'coalesce(items.case_count * standards.standard_minutes, 0)',
  }) }}
{%- endmacro %}
