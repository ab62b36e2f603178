{% macro odd_sign() -%}
  [^ -~¡-¬®-֏‐-‧‰-⁞⁰-⿿、-ﻼ！-￮🀀-🫿𠀀-𪘀]
{%- endmacro %}
