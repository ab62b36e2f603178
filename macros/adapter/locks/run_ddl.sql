{# Remove with attempt.sql. #}
{% macro run_ddl(sql, relation) -%}
  {%- set since = run_query(
    "select cast(convert_tz(utc_timestamp(), '+00:00', '" ~ var('time_zone') ~ "') as char(19))"
  ).columns[0][0] -%}
  {%- if not attempt(sql, var('lock_wait_seconds')) -%}
    {%- do exceptions.raise_compiler_error(
      relation.schema ~ '.' ~ relation.identifier ~ ': 自 ' ~ since ~ ' 起等了 ' ~ var('lock_wait_seconds')
      ~ ' 秒，仍有会话占用此表，未能替换；它保持原样，下一次构建会补上。查看是谁：\n'
      ~ 'since ' ~ since ~ ' waited ' ~ var('lock_wait_seconds') ~ ' s for sessions that hold it; '
      ~ 'it is as it was, and the next build mends it. Who they are:\n' ~ holders_query(relation)
    ) -%}
  {%- endif -%}
{%- endmacro %}
