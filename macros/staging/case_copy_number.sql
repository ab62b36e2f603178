{# Only rows that could count are numbered. The date leads the partition, so a filter on it reads only those days. #}
{% macro case_copy_number() -%}
  row_number() over (
    partition by service_date, hall_id, log_id, row_reject_reason
    order by {{ case_order() }}, issue
  )
{%- endmacro %}
