{% macro scored_subjects() -%}
  {{ return({'hall': 'hall_id', 'department': 'department', 'window': 'window_id', 'clerk': 'clerk_id'}) }}
{%- endmacro %}
