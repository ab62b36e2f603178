{# Remove with attempt.sql. #}
{% macro try_statement(sql) -%}
  {%- call statement('try') -%}call {{ attempt_procedure() }}({{ sql_literals([sql]) }}){%- endcall -%}
  {{ return(run_query('select @attempt_is_done').columns[0][0] | int == 1) }}
{%- endmacro %}
