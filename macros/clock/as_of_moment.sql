{#
  The first moment not yet known, as a SQL datetime: the midnight after
  as_of_date, or now when that day is not over. One value for the whole run.
#}
{% macro as_of_moment() -%}
  least(
    cast({{ as_of_date() }} as datetime(6)) + interval 1 day,
    cast('{{ local_now().strftime("%Y-%m-%d %H:%M:%S.%f") }}' as datetime(6))
  )
{%- endmacro %}
