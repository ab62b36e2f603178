{# TODO #}
{% macro add_monthly_partitions(relation, slices) -%}{%- endmacro %}
