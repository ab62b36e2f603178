{# Remove with monthly_partitions.sql. #}
{% macro month_partitions(first_day, last_day) -%}
  {%- set months = range(first_day.year * 12 + first_day.month - 1, last_day.year * 12 + last_day.month) -%}
  {%- for month in months -%}
    partition m{{ '%04d%02d' % (month // 12, month % 12 + 1) }} values less than ('
    {{- '%04d-%02d-01' % ((month + 1) // 12, (month + 1) % 12 + 1) }}'){{ ", " if not loop.last }}
  {%- endfor -%}
{%- endmacro %}
