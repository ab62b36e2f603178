{% macro mean_product(pairs, x, y, xy) -%}
  cast(
    cast({{ pairs }} * {{ xy }} - {{ x }} * {{ y }} as decimal(60, 20)) / ({{ pairs }} * {{ pairs }})
    as decimal(40, 20)
  )
{%- endmacro %}
