{% macro rating_measures() -%}
  {{ return([
    'rating_count', 'rating_window_count', 'rating_clerk_count',
    'star_1_count', 'star_2_count', 'star_3_count', 'star_4_count', 'star_5_count',
  ]) }}
{%- endmacro %}
