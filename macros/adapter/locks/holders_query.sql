{#
  On MySQL: the sessions that hold any table, this one first. MariaDB shows who holds a table only with a plugin
  (metadata_lock_info), and LOCK TABLES is not a transaction there. So it lists all sessions: the oldest transaction
  first, then the longest idle. The same on seekdb, which does not show transactions.
  Remove with run_ddl.sql.
#}
{% macro holders_query(relation) -%}
  {%- if is_oceanbase() -%}
    select id, user, host, time from information_schema.processlist where id <> connection_id() order by time desc;
  {%- elif 'mariadb' in run_query('select version()').columns[0][0] | lower -%}
    select sessions.id, sessions.user, sessions.host, sessions.time, open.trx_started
    from information_schema.processlist as sessions
    left join information_schema.innodb_trx as open on sessions.id = open.trx_mysql_thread_id
    where sessions.id <> connection_id()
    order by open.trx_started is null, open.trx_started, sessions.time desc;
  {%- else -%}
    select
      sessions.processlist_id, sessions.processlist_user, sessions.processlist_host, sessions.processlist_time,
      held.object_schema, held.object_name, held.lock_type
    from performance_schema.metadata_locks as held
    inner join performance_schema.threads as sessions on held.owner_thread_id = sessions.thread_id
    where held.object_type = 'TABLE' and held.lock_status = 'GRANTED' and held.lock_duration <> 'STATEMENT'
      and sessions.processlist_id <> connection_id()
    order by held.object_schema = '{{ relation.schema }}' and held.object_name = '{{ relation.identifier }}' desc;
  {%- endif -%}
{%- endmacro %}
