{#
  On-run-start: one build at a time. What writes locks a row in a session of its own, which idles until the
  build ends: the server sees at once when its client is gone, however that was killed, and frees the row.
  (get_lock outlives a killed client on seekdb.) Who finds the row locked ends with one line.
  Whoever has the lock knows that the build before has ended: its last statements, which may still run, are
  ended, and its half-made tables dropped.
  `dbt test` writes nothing. This file can go when dbt locks what it builds.
#}
{% macro lock_build() -%}
  {%- set session = adapter.config.vars.to_dict().get('session_of_build') if execute and flags.WHICH != 'test' -%}
  {%- if session -%}
    {%- set state = build_lock() -%}
    {%- do adapter.create_schema(state) -%}
    {%- call statement('create_build_lock') -%}
      create table if not exists {{ state }} (
        part varchar(8) not null comment 'lock 为锁，build 为构建。 / lock, or the build that has it.',
        build_id varchar(36) not null comment '构建。 / Build.',
        account varchar(320) not null comment '数据库账号及其主机。 / Account and host.',
        started_at datetime not null comment '开始时间，时区同变量 time_zone。 / Since when, in var time_zone.',
        primary key (part)
      ) default character set utf8mb4 collate utf8mb4_bin
      comment '正在构建本库的一次构建。 / The build that writes into these schemas.'
    {%- endcall -%}
    {%- if not run_query("select 1 from " ~ state ~ " where part = 'lock'").rows -%}
      {%- call statement('make_lock') -%}
        insert ignore into {{ state }} (part, build_id, account, started_at) values ('lock', '', '', utc_timestamp())
      {%- endcall -%}
      {%- do adapter.commit() -%}
    {%- endif -%}

    {%- do session.connect() -%}
    {%- set cursor = session.cursor(buffered=true) -%}
    {#- It may idle for a day, on any server. -#}
    {%- do cursor.execute(
      'set session wait_timeout = 86400 /*M! , session idle_transaction_timeout = 0, '
      ~ 'session idle_write_transaction_timeout = 0 */'
      ~ (', session ob_trx_timeout = 86400000000, session ob_trx_idle_timeout = 86400000000' if is_oceanbase())
    ) -%}
    {%- set locked = namespace(rows=[]) -%}
    {#- A server may take a moment to see that a client was killed. -#}
    {%- for _ in range(4) if not locked.rows -%}
      {%- do cursor.execute("select part from " ~ state ~ " where part = 'lock' for update skip locked") -%}
      {%- set locked.rows = cursor.fetchall() -%}
      {%- if not locked.rows -%}
        {%- do run_query('select sleep(0.25)') -%}
      {%- endif -%}
    {%- endfor -%}
    {%- set before = run_query(
      "select build_id, account, cast(started_at as char(19)) from " ~ state ~ " where part = 'build'"
    ).rows | first -%}
    {%- if not locked.rows -%}
      {%- do session.close() -%}
      {%- set build = before or ['?', '?', '?'] -%}
      {#- Not a compiler error: dbt-core goes on after one in a hook. -#}
      {%- do exceptions.raise_dependency_error(
        target.schema ~ ': 构建 ' ~ build[0] ~ '（' ~ build[1] ~ '）自 ' ~ build[2] ~ ' 起正在运行，本次什么也没做。 / build '
        ~ build[0] ~ ' of ' ~ build[1] ~ ' has been running since ' ~ build[2] ~ '; nothing was done.'
      ) -%}
    {%- endif -%}
    {%- call statement('name_build') -%}
      replace into {{ state }} (part, build_id, account, started_at)
      values ('build', '{{ invocation_id }}', user(), convert_tz(utc_timestamp(), '+00:00', '{{ var('time_zone') }}'))
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do create_attempt() -%}
    {%- do clear_after(before[0] if before else none) -%}
  {%- endif -%}
  select 1
{%- endmacro %}
