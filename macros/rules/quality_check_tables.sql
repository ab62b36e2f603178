{% macro quality_check_tables() -%}
  {%- set named = ['service_log', 'feedback', 'complaints'] %}
  {%- set all = named + ['merit_records'] %}
  {{ return({
    'days_since_last_row': all, 'rejected_share': all, 'no_window_share': named, 'no_clerk_share': named,
    'days_without_log': ['service_log'], 'repeated_id_share': ['service_log'],
  }) }}
{%- endmacro %}
