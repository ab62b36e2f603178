{#
  dbt-core renames the old view before the new one has its name, so a reader may find neither. Replacing waits for open
  transactions that have read the view; a full refresh replaces it only if there are none.
  This file can go when dbt-mysql does both.
#}
{% materialization view, adapter='mysql' -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {% do set_session() %}
  {{ run_hooks(pre_hooks) }}
  {%- set create_sql = get_create_view_as_sql(target_relation, sql) -%}
  {%- set signature = code_signature(sql) -%}
  {%- set wanted = view_version(create_sql, signature) -%}
  {%- if existing_relation is not none and not existing_relation.is_view -%}
    {%- do run_ddl('drop table if exists ' ~ existing_relation, existing_relation) -%}
    {%- set existing_relation = none -%}
  {%- endif -%}
  {%- if existing_relation is none or held_view_version() != wanted -%}
    {#- Delete the version first: a build killed in between must not leave another view under this hash. -#}
    {%- call statement('forget_view') -%}
      delete from {{ slice_versions() }} where model_name = '{{ this.identifier }}' and slice = 'view'
    {%- endcall -%}
    {%- do adapter.commit() -%}
    {%- do run_ddl(create_sql, target_relation) -%}
    {%- do record_view_version(wanted) -%}
  {%- elif should_full_refresh() -%}
    {%- do attempt(create_sql, 2) -%}
  {%- endif -%}
  {%- call noop_statement('main', 'CREATE VIEW') -%}{{ create_sql }}{%- endcall -%}
  {% do record_code(signature) %}
  {{ run_hooks(post_hooks) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
