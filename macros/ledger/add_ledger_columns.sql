{#
  A ledger made by an earlier release lacks columns: they are added empty, no row changes. The account of a
  build should not be allowed to (deploy/grants.sql): then nothing is built, and the statement is named.
#}
{% macro add_ledger_columns(relation, columns) -%}
  {%- set known = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
  {%- set clauses = [] -%}
  {%- for column in columns.values() -%}
    {%- if column.name not in known -%}
      {%- do clauses.append('add column ' ~ contract_column(column) ~ ' after `' ~ loop.previtem.name ~ '`') -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if clauses -%}
    {%- set sql = 'alter table ' ~ relation ~ ' ' ~ clauses | join(', ') -%}
    {%- if not run_query(
      "select 1 from information_schema.user_privileges where privilege_type = 'ALTER'"
      ~ " and grantee = concat('''', replace(current_user(), '@', '''@'''), '''')"
    ).rows -%}
      {%- do exceptions.raise_compiler_error(
        '已公布记录的表是早先版本所建，缺少新增的列，构建账号也无权改表。请数据库管理员执行一次下面的语句，已有的行不变，'
        ~ '然后重新构建。 / The ledger was made by an earlier release and lacks a column, and the account of the build may not '
        ~ 'alter it. Let the administrator of the database run this statement once, it changes no row, and build again:\n'
        ~ sql ~ ';'
      ) -%}
    {%- endif -%}
    {#- A reader who keeps a transaction open is not waited for longer than this. -#}
    {%- call statement('wait') -%} set session lock_wait_timeout = 30 {%- endcall -%}
    {%- call statement('add_ledger_columns') -%} {{ sql }} {%- endcall -%}
  {%- endif -%}
{%- endmacro %}
