{#
  The account of deploy/grants.sql may not; then raise_old_ledger.sql says what to do. Open transactions of readers
  are waited for up to the limit of lock_build.
#}
{% macro upgrade_ledger() -%}
  {%- set statements = ledger_upgrades() -%}
  {%- if statements and run_query(
    "select 1 from information_schema.user_privileges where privilege_type = 'ALTER'"
    ~ " and grantee = concat('''', replace(current_user(), '@', '''@'''), '''')"
  ).rows -%}
    {%- for sql in statements -%}
      {%- call statement('upgrade_ledger') -%} {{ sql }} {%- endcall -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
