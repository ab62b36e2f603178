{# A rating has a day but no time. #}
{% macro rating_hours_to_callback() -%}
  cast(timestampdiff(
    microsecond,
    date_add(cast(feedback_date as datetime(6)), interval 1 day),
    least(coalesce(callback_time, {{ as_of_moment() }}), {{ as_of_moment() }})
  ) as decimal(30, 10)) / 3600000000
{%- endmacro %}
