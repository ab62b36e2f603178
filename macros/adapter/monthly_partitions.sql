{# TODO #}
{% macro monthly_partitions() -%}{%- endmacro %}
