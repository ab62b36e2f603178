{#
  The fingerprint of the rows of a group, in whatever order: how many there are, and the sum of 60 bits of
  the SHA-256 of each. An aggregate; null columns of an outer join count as a row.
#}
{% macro rows_fingerprint(values) -%}
  concat(
    count(*), ' ', coalesce(sum(cast(conv(left({{ fingerprint(values) }}, 15), 16, 10) as unsigned)), 0)
  )
{%- endmacro %}
