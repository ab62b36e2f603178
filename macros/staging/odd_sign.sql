{# The pattern of a sign outside the ranges that hold neither white space but the plain blank nor unprintable signs. #}
{% macro odd_sign() -%}
  [^ -~¡-¬®-֏‐-‧‰-⁞⁰-⿿、-ﻼ！-￮🀀-🫿𠀀-𪘀]
{%- endmacro %}
