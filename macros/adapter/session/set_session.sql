{#
  dbt-mysql has no init command. Read committed: reading does not lock rows against the hall's own writers.
  tmp_table_size: group in memory; with the server's 16 MB, grouping would go to disk.
  group_concat_max_len: hashes are made of lists longer than the server's 1,024.
  split_materialized (only MariaDB runs such a comment): on a newly filled table it may lose rows of a joined,
  grouped CTE for some keys.
  sql_mode: a zero date of a raw row may pass through the server's temporary tables (it is not stored).
  time_zone: raw rows are hashed by the text of a TIMESTAMP, which must not depend on the server.
  This file can go when dbt-mysql has an init command.
#}
{% macro set_session() -%}
  {#- Before the first transaction, which would keep the server's isolation level. -#}
  {%- call statement('isolation', auto_begin=false) -%}
    set session transaction isolation level read committed
  {%- endcall -%}
  {#- refuses an invalid offset -#}
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
  {#- dbt-core continues after an error in a hook, and a build whose session ended has lost the lock. -#}
  {%- if not adapter.config.vars.to_dict().get('build_is_locked') or running_build().build_id != invocation_id -%}
    {%- do exceptions.raise_compiler_error(
      '本次构建没有锁：见 on-run-start 的错误，或其会话已断开而另一个构建已开始。'
      ~ ' / this build has no lock: see the error of on-run-start, or its session ended and another build began'
    ) -%}
  {%- endif -%}
{%- endmacro %}
