{#
  A view, replaced in one statement: dbt-core renames the old one away before the new one has its
  name, so that a reader may find neither. This file can go when dbt-mysql replaces views.
#}
{% materialization view, adapter='mysql' -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set target_relation = this.incorporate(type='view') -%}
  {{ run_hooks(pre_hooks) }}
  {%- if existing_relation is not none and not existing_relation.is_view -%}
    {%- do adapter.drop_relation(existing_relation) -%}
  {%- endif -%}
  {% call statement('main') -%}
    {{ get_create_view_as_sql(target_relation, sql) }}
  {%- endcall %}
  {{ run_hooks(post_hooks) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {% do adapter.commit() %}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
