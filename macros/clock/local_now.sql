{% macro local_now() -%}
  {{ return(run_started_at.replace(tzinfo=none) + zone_offset()) }}
{%- endmacro %}
