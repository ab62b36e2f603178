{#
  Run a statement that needs a table for itself, waiting up to some seconds for those who read it: whether it
  could be done. It asks for two seconds at a time, with pauses: readers who come later wait behind it.
  This file can go when dbt-mysql bounds its lock waits.
#}
{% macro attempt(sql, seconds) -%}
  {%- set done = namespace(value=false) -%}
  {%- for _ in range([seconds // 3, 1] | max) if not done.value -%}
    {%- if not loop.first -%}
      {%- do run_query('select sleep(1)') -%}
    {%- endif -%}
    {%- call statement('patience') -%}set session lock_wait_timeout = {{ [seconds, 2] | min }}{%- endcall -%}
    {%- call statement('attempt') -%}call {{ attempt_procedure() }}({{ sql_literals([build_comment() ~ sql]) }}){%- endcall -%}
    {%- call statement('patience') -%}set session lock_wait_timeout = {{ var('lock_wait_seconds') }}{%- endcall -%}
    {%- set done.value = run_query('select @attempt_is_done').columns[0][0] | int == 1 -%}
  {%- endfor -%}
  {{ return(done.value) }}
{%- endmacro %}
