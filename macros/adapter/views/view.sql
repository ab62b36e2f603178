{#
  dbt-core renames the old view away before the new one has its name, so that a reader may find neither. Replacing
  waits for all who have read the view in an open transaction; a full refresh does so only when nobody has.
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
    {#- Forgotten first: a build killed between the two must not leave another view under this hash. -#}
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
