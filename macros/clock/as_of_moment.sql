{% macro as_of_moment() -%}
  least(
    cast({{ as_of_date() }} as datetime(6)) + interval 1 day,
    cast('{{ local_now().strftime("%Y-%m-%d %H:%M:%S.%f") }}' as datetime(6))
  )
{%- endmacro %}
