{#
  The query by which an administrator sees who holds a table. MariaDB says who holds which table only with a
  plugin (metadata_lock_info): there, the open transactions, the oldest first. Goes with run_ddl.sql.
#}
{% macro holders_query(relation) -%}
  {%- if 'mariadb' in run_query('select version()').columns[0][0] | lower -%}
    select sessions.id, sessions.user, sessions.host, sessions.time, open.trx_started
    from information_schema.innodb_trx as open
    inner join information_schema.processlist as sessions on open.trx_mysql_thread_id = sessions.id
    order by open.trx_started;
  {%- else -%}
    select sessions.processlist_id, sessions.processlist_user, sessions.processlist_host, sessions.processlist_time
    from performance_schema.metadata_locks as held
    inner join performance_schema.threads as sessions on held.owner_thread_id = sessions.thread_id
    where held.object_schema = '{{ relation.schema }}' and held.object_name = '{{ relation.identifier }}'
      and held.lock_status = 'GRANTED' and held.lock_duration = 'TRANSACTION';
  {%- endif -%}
{%- endmacro %}
