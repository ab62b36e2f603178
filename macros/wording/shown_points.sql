{% macro shown_points(expression, signed=false) -%}
  concat(
    {{ "case when " ~ expression ~ " > 0 then '+' else '' end" if signed else "''" }},
    case
      when abs({{ expression }}) >= 1 then {{ shown_number(expression, 2) }}
      else {{ shown_number(expression) }}
    end
  )
{%- endmacro %}
