{#
  What a long write needs of its session; dbt-mysql has no init command. Read
  committed: rows that are read stay free for the hall's own writers.
  tmp_table_size: grouping in memory, where the server's 16 MB would go to disk.
  group_concat_max_len: hashes are made of lists longer than the server's 1,024.
  split_materialized (MariaDB alone reads such a comment): on a table just filled it
  may lose the rows of a grouped CTE that is joined, for some of its keys.
  time_zone: the text of a TIMESTAMP, which raw rows are hashed by, must not be the server's to choose.
  This file can go when dbt-mysql has an init command.
#}
{% macro set_session() -%}
  {%- call statement('isolation') -%}
    set session transaction isolation level read committed
  {%- endcall -%}
  {%- call statement('limits') -%}
    set
      session tmp_table_size = {{ var('tmp_table_bytes') }},
      session max_heap_table_size = {{ var('tmp_table_bytes') }},
      session group_concat_max_len = 16777216
      /*M! , session optimizer_switch = 'split_materialized=off' */
  {%- endcall -%}
  {%- call statement('time_zone') -%}
    {#- which refuses what is no offset -#}
    {%- do zone_offset() -%}
    set session time_zone = '{{ var("time_zone") }}'
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
