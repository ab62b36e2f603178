{# Remove with lock_build.sql. #}
{% macro create_build_lock() -%}
  {%- set state = build_lock() -%}
  {%- do adapter.create_schema(state) -%}
  {%- if not table_exists(state) -%}
    {%- call statement('create_build_lock') -%}
      create table if not exists {{ state }} (
        part varchar(8) not null comment 'lock 为锁，build 为占有它的构建。 / lock, or the build that has it.',
        build_id varchar(36) not null comment '构建。 / Build.',
        account varchar(320) not null comment '数据库账号及其主机。 / Account and host.',
        started_at datetime not null comment '开始时间，时区同变量 time_zone。 / Since when, in var time_zone.',
        primary key (part)
      ) default character set utf8mb4 collate utf8mb4_bin
      comment '正在构建本库的构建。 / The build that writes into these schemas.'
    {%- endcall -%}
  {%- endif -%}
  {#- An insert would wait for the holder of the row. -#}
  {%- if not run_query("select 1 from " ~ state ~ " where part = 'lock'").rows -%}
    {%- call statement('make_lock') -%}
      insert ignore into {{ state }} (part, build_id, account, started_at) values ('lock', '', '', utc_timestamp())
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
