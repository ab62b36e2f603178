{#
  A separate session locks the row and stays idle until the build ends. If the client is killed, the server notices
  at once and frees the row. (get_lock outlives a killed client on seekdb.)
  `dbt test` writes nothing, so it takes no lock. This file can go when dbt locks what it builds.
#}
{% macro lock_build() -%}
  {%- if execute -%}
    {%- call statement('lock_waits', auto_begin=false) -%}set {{ lock_waits() }}{%- endcall -%}
  {%- endif -%}
  {%- set session = adapter.config.vars.to_dict().get('session_of_build') if execute and flags.WHICH != 'test' -%}
  {%- if session -%}
    {%- do create_build_lock() -%}
    {%- do session.connect() -%}
    {%- set cursor = session.cursor(buffered=true) -%}
    {#- It may be idle for a day, on any server. -#}
    {%- do cursor.execute(
      'set session wait_timeout = 86400 /*M! , session idle_transaction_timeout = 0, '
      ~ 'session idle_readonly_transaction_timeout = 0, session idle_write_transaction_timeout = 0 */'
      ~ (', session ob_trx_timeout = 86400000000, session ob_trx_idle_timeout = 86400000000' if is_oceanbase() else '')
    ) -%}
    {%- do cursor.close() -%}
    {%- set before = running_build() -%}
    {%- do take_build_lock(session) -%}
    {%- do create_attempt() -%}
    {%- do end_sessions(before) -%}
    {%- call statement('name_build') -%}
      replace into {{ build_lock() }} (part, build_id, account, started_at)
      values ('build', '{{ invocation_id }}', user(), convert_tz(utc_timestamp(), '+00:00', '{{ var('time_zone') }}'))
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do drop_leftovers() -%}
    {%- do adapter.config.vars.to_dict().update({'build_is_locked': true}) -%}
  {%- endif -%}
  select 1
{%- endmacro %}
