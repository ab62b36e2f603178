{# The null columns of an outer join count as a row. #}
{% macro rows_fingerprint(values) -%}
  concat(
    count(*), ' ', coalesce(sum(cast(conv(left({{ fingerprint(values) }}, 15), 16, 10) as unsigned)), 0)
  )
{%- endmacro %}
