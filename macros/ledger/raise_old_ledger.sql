{# An error in on-run-start would not stop dbt. #}
{% macro raise_old_ledger() -%}
  {%- set statements = ledger_upgrades() -%}
  {%- if statements -%}
    {%- do exceptions.raise_compiler_error(
      '已公布记录的表是早先版本所建，缺少新增的列，构建未能加上（账号无权改表，或有读者占着表）。'
      ~ '请数据库管理员执行一次下面的语句（已有的行不变），然后重新构建。'
      ~ ' / The ledger was made by an earlier release and lacks a column, which the build could not add (its account'
      ~ ' may not, or a reader holds the table). Let the administrator of the database run this statement once (no'
      ~ ' row changes), then build again:\n' ~ statements | join(';\n') ~ ';'
    ) -%}
  {%- endif -%}
{%- endmacro %}
