{#
  An error ends a dbt node and no macro can catch it; a procedure can. (If the procedure changes, rename it.)
  Remove with attempt.sql.
#}
{% macro create_attempt() -%}
  {%- set procedure = attempt_procedure() -%}
  {%- if not run_query(
    "select 1 from information_schema.routines where routine_schema = '" ~ procedure.schema ~ "' and routine_name = '"
    ~ procedure.identifier ~ "'"
  ).rows -%}
    {%- call statement('create_attempt') -%}
      create procedure {{ procedure }}(in sql_text longtext character set utf8mb4)
      sql security invoker
      begin
        -- lock wait timeout; a session to be ended that has ended, or is another account's
        declare continue handler for 1205, 1094, 1095 set @attempt_is_done = 0;
        set @attempt_is_done = 1, @attempt_sql = sql_text;
        prepare attempt from @attempt_sql;
        execute attempt;
        deallocate prepare attempt;
      end
    {%- endcall -%}
  {%- endif -%}
{%- endmacro %}
