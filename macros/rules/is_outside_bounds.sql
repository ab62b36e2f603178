{# Whether a value lies outside a rule's bounds: the lower one belongs to the band, the upper one does not. #}
{% macro is_outside_bounds(value, rules) -%}
  ({{ value }} < {{ rules }}.lower_bound or {{ value }} >= {{ rules }}.upper_bound)
{%- endmacro %}
