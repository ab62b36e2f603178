{#
  Which copy a row of the service log is: 1 counts. Only rows that could count
  compete; the date leads, so that a filter on it reads just those days.
#}
{% macro case_copy_number() -%}
  row_number() over (
    partition by service_date, hall_id, log_id, row_reject_reason
    order by {{ case_order() }}, issue
  )
{%- endmacro %}
