{# For such a group MySQL 9 returns 0000-00-00, which strict mode refuses; hence the detour by text. #}
{% macro date_aggregate(aggregate, expression) -%}
  cast({{ aggregate }}(cast({{ expression }} as char(10))) as date)
{%- endmacro %}
