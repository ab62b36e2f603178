{#
  It waits for at most two seconds at a time, with pauses, because later readers queue behind it.
  seekdb does not wait for readers, and its procedures lack rights that the caller has by a grant on a schema.
  This file can go when dbt-mysql limits its lock waits.
#}
{% macro attempt(sql, seconds) -%}
  {%- set done = namespace(value=false) -%}
  {%- if is_oceanbase() -%}
    {%- call statement('attempt') -%}{{ sql }}{%- endcall -%}
    {{ return(true) }}
  {%- endif -%}
  {%- for _ in range([seconds // 3, 1] | max) if not done.value -%}
    {%- if not loop.first -%}
      {%- do run_query('select sleep(1)') -%}
    {%- endif -%}
    {%- call statement('patience') -%}set session lock_wait_timeout = {{ [seconds, 2] | min }}{%- endcall -%}
    {%- set done.value = try_statement(build_comment() ~ sql) -%}
    {%- call statement('patience') -%}set session lock_wait_timeout = {{ var('lock_wait_seconds') }}{%- endcall -%}
  {%- endfor -%}
  {{ return(done.value) }}
{%- endmacro %}
