{# The checks that quality_checks measures. #}
{% macro quality_check_names() -%}
  {{ return([
    'days_since_last_row', 'rejected_share', 'no_window_share', 'no_clerk_share', 'days_without_log',
    'repeated_id_share',
  ]) }}
{%- endmacro %}
