{#
  The points that a rule gives for a value: none outside its bounds, of a slope so much a unit away from its
  benchmark. `rules` is the relation that holds the rule, `points` its column of a band's points.
#}
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
