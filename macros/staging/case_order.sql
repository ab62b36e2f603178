{% macro case_order() -%}
  start_time is null, start_time, end_time, process_minutes, is_completed, window_id, clerk_id, item_code, channel,
  ticket_time
{%- endmacro %}
