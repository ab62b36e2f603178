{#
  Publish what the model's SQL says is due, and keep that list as a table. Each row of it is
  one transaction, in the order of periods; a build that is killed leaves whole publications
  or none. One build publishes at a time: what is due is asked under the lock.
#}
{% materialization publication, adapter='mysql' -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% do set_session() %}
  {{ run_hooks(pre_hooks) }}

  {%- set lock = 'publish ' ~ local_md5(target.schema) -%}
  {%- if run_query("select get_lock('" ~ lock ~ "', 3600)").columns[0][0] != 1 -%}
    {%- do exceptions.raise_compiler_error('another build has been publishing for an hour; nothing was published') -%}
  {%- endif -%}
  {%- do build_table(target_relation, load_cached_relation(this), sql) -%}
  {%- set columns = ['period_type', 'period_start', 'revision', 'kind', 'previous_number'] -%}
  {%- for row in run_query(
    'select ' ~ columns | join(', ') ~ ' from ' ~ target_relation ~ ' order by period_end, period_type, revision'
  ).rows -%}
    {%- do publish(dict(zip(columns, row))) -%}
  {%- endfor -%}
  {%- do run_query("select release_lock('" ~ lock ~ "')") -%}

  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
