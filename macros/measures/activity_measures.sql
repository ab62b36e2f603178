{% macro activity_measures() -%}
  {{ return(case_measures() | list + item_measures() | list + rating_measures()) }}
{%- endmacro %}
