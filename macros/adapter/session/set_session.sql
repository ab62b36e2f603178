{#
  dbt-mysql has no init command. Read committed: rows that are read stay free for the hall's own writers.
  tmp_table_size: grouping in memory, where the server's 16 MB would go to disk.
  group_concat_max_len: hashes are made of lists longer than the server's 1,024.
  split_materialized (MariaDB alone reads such a comment): on a table just filled it may lose rows of a grouped CTE
  that is joined, for some of its keys.
  sql_mode: a zero date of a raw row may pass through the server's own temporary tables (it is kept nowhere).
  time_zone: the text of a TIMESTAMP, which raw rows are hashed by, must not depend on the server.
  This file can go when dbt-mysql has an init command.
#}
{% macro set_session() -%}
  {#- Before the first transaction, which would keep the server's own isolation. -#}
  {%- call statement('isolation', auto_begin=false) -%}
    set session transaction isolation level read committed
  {%- endcall -%}
  {#- which refuses what is no offset -#}
  {%- do zone_offset() -%}
  {%- call statement('limits', auto_begin=false) -%}
    set
      {{ lock_waits() }},
      session tmp_table_size = {{ var('tmp_table_bytes') }},
      session max_heap_table_size = {{ var('tmp_table_bytes') }},
      session group_concat_max_len = 16777216,
      session time_zone = '{{ var("time_zone") }}',
      session sql_mode = replace(replace(@@sql_mode, 'NO_ZERO_DATE', ''), 'NO_ZERO_IN_DATE', '')
      /*M! , session optimizer_switch = 'split_materialized=off' */
  {%- endcall -%}
  {#- dbt-core goes on after an error in a hook; and a session that was ended has lost the lock to another build. -#}
  {%- if not adapter.config.vars.to_dict().get('build_is_locked') or running_build().build_id != invocation_id -%}
    {%- do exceptions.raise_compiler_error(
      '本次构建没有锁：见 on-run-start 的错误，或其会话已断开而另一个构建已开始。'
      ~ ' / this build has no lock: see the error of on-run-start, or its session ended and another build began'
    ) -%}
  {%- endif -%}
{%- endmacro %}
