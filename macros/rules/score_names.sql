{% macro score_names() -%}
  {{ return(['composite_score', 'efficiency_score', 'satisfaction_score', 'digital_score']) }}
{%- endmacro %}
