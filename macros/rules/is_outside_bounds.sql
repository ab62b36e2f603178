{% macro is_outside_bounds(value, rules) -%}
  ({{ value }} < {{ rules }}.lower_bound or {{ value }} >= {{ rules }}.upper_bound)
{%- endmacro %}
