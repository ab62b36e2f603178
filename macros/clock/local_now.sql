{# When this run began, in var time_zone, as a naive datetime. #}
{% macro local_now() -%}
  {{ return(run_started_at.replace(tzinfo=none) + zone_offset()) }}
{%- endmacro %}
