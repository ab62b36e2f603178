{% macro row_outcome(is_not_yet) -%}
  case
    when {{ is_not_yet }} then 'not_yet'
    when reject_reason is not null then 'rejected'
    when issue is not null then 'repaired'
    else 'counted'
  end
{%- endmacro %}
