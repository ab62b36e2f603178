{# It tries for a second, which a server needs to notice a killed client. Remove with lock_build.sql. #}
{% macro take_build_lock(session) -%}
  {%- set cursor = session.cursor(buffered=true) -%}
  {%- set locked = namespace(rows=[]) -%}
  {%- for _ in range(5) if not locked.rows -%}
    {%- if not loop.first -%}
      {%- do run_query('select sleep(0.25)') -%}
    {%- endif -%}
    {%- do cursor.execute("select part from " ~ build_lock() ~ " where part = 'lock' for update skip locked") -%}
    {%- set locked.rows = cursor.fetchall() -%}
  {%- endfor -%}
  {%- do cursor.close() -%}
  {%- if not locked.rows -%}
    {%- do session.rollback() -%}
    {%- set build = running_build() or {'build_id': '?', 'account': '?', 'started_at': '?'} -%}
    {#- Not a compiler error: dbt-core continues after one in a hook. -#}
    {%- do exceptions.raise_dependency_error(
      target.schema ~ ': 构建 ' ~ build.build_id ~ '（' ~ build.account ~ '）自 ' ~ build.started_at
      ~ ' 起正在运行，本次什么也没做。 / build ' ~ build.build_id ~ ' of ' ~ build.account
      ~ ' has been running since ' ~ build.started_at ~ '; nothing was done.'
    ) -%}
  {%- endif -%}
{%- endmacro %}
