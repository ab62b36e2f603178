{# It runs at the end, because no macro can catch an error. Remove with set_session.sql. #}
{% macro explain_lock_waits(results) -%}
  {%- if execute -%}
    {%- for result in results
      if result.node and result.node.resource_type in ('model', 'seed') and '1205 (HY000)' in (result.message or '') -%}
      {%- set ended = result.timing[-1].completed_at.replace(tzinfo=none) + zone_offset() -%}
      {%- set began = ended - modules.datetime.timedelta(seconds=var('lock_wait_seconds')) -%}
      {%- set since = began.strftime('%Y-%m-%d %H:%M:%S') -%}
      {%- set relation = api.Relation.create(schema=result.node.schema, identifier=result.node.alias) -%}
      {%- do log(
        relation.schema ~ '.' ~ relation.identifier ~ ': 自 ' ~ since ~ ' 起等了 ' ~ var('lock_wait_seconds')
        ~ ' 秒，仍有会话锁着此表或它所读的表（LOCK TABLES、SERIALIZABLE 事务、lock in share mode），未能改写；'
        ~ '它保持原样，下一次构建会补上。查看是谁： / since ' ~ since ~ ' waited ' ~ var('lock_wait_seconds')
        ~ ' s for sessions that lock it or what it reads (LOCK TABLES, a SERIALIZABLE transaction, lock in share '
        ~ 'mode); it is as it was, and the next build mends it. Who they are:\n' ~ holders_query(relation), info=true
      ) -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro %}
