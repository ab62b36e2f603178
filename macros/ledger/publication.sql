{#
  Publish what is due, then show it: the model's SQL is the readers' view. Each entry of
  publication_queue is one transaction; a build that is killed leaves whole publications or
  none. One build publishes at a time. The queue is asked twice: a correction or an appeal may
  be about what was published a moment before.
#}
{% materialization publication, adapter='mysql' -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {% do set_session() %}
  {{ run_hooks(pre_hooks) }}

  {%- set lock = 'publish ' ~ local_md5(target.schema) -%}
  {%- if run_query("select get_lock('" ~ lock ~ "', 3600)").columns[0][0] != 1 -%}
    {%- do exceptions.raise_compiler_error('another build has been publishing for an hour; nothing was published') -%}
  {%- endif -%}
  {%- set columns = ['period_type', 'period_start', 'revision', 'base_number'] -%}
  {%- for _ in range(2) -%}
    {%- set queue = run_query(
      'select ' ~ columns | join(', ') ~ ' from ' ~ ref('publication_queue') ~ ' order by period_end, period_type, revision'
    ).rows -%}
    {%- for row in queue -%}
      {%- do publish(dict(zip(columns, row))) -%}
    {%- endfor -%}
  {%- endfor -%}
  {%- do run_query("select release_lock('" ~ lock ~ "')") -%}

  {%- call statement('main') -%}
    create or replace view {{ target_relation }} as
    {{ sql }}
  {%- endcall -%}
  {%- do adapter.commit() -%}
  {{ run_hooks(post_hooks) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
