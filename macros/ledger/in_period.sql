{% macro in_period(relation, entry) -%}
  {{ relation }}.period_type = '{{ entry.period_type }}' and {{ relation }}.period_start = '{{ entry.period_start }}'
{%- endmacro %}
