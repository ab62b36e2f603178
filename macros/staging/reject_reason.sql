{% macro reject_reason(id_column) -%}
  case
    when row_reject_reason is not null then row_reject_reason
    when {{ id_column }} is not null and copy_number > 1 then 'duplicate_{{ id_column }}'
  end
{%- endmacro %}
