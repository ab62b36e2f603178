{# The sums are exact decimals. Only the root is not; it is rounded to eight decimals, so that engines agree. #}
{% macro correlation(pairs, x, y, xx, yy, xy) -%}
  {%- set together = mean_product(pairs, x, y, xy) -%}
  case
    when {{ mean_product(pairs, x, x, xx) }} > 0 and {{ mean_product(pairs, y, y, yy) }} > 0
      then cast(sign({{ together }}) * cast(sqrt(
        cast({{ together }} / {{ mean_product(pairs, x, x, xx) }} as decimal(38, 15))
        * cast({{ together }} / {{ mean_product(pairs, y, y, yy) }} as decimal(38, 15))
      ) as decimal(20, 8)) as decimal(7, 6))
  end
{%- endmacro %}
