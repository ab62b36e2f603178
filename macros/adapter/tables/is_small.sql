{# Remove with build_table.sql. #}
{% macro is_small(one, other) -%}
  {%- set limit = var('copy_rows') + 1 -%}
  {%- set rows = run_query(
    'select (select count(*) from (select 1 from ' ~ one ~ ' limit ' ~ limit ~ ') as one) + '
    ~ '(select count(*) from (select 1 from ' ~ other ~ ' limit ' ~ limit ~ ') as other)'
  ).columns[0][0] | int -%}
  {{ return(rows < limit) }}
{%- endmacro %}
