{% macro earned_points(value, rules, points='points') -%}
  case
    when {{ is_outside_bounds(value, rules) }} then 0
    when {{ rules }}.rule_type = 'slope'
      then {{ clamped(
        rules ~ '.points_per_unit * abs(' ~ value ~ ' - ' ~ rules ~ '.benchmark)', rules ~ '.min_points',
        rules ~ '.max_points'
      ) }}
    else {{ rules }}.{{ points }}
  end
{%- endmacro %}
