{# build_table says why dbt-mysql's own is not used. Remove with build_table.sql. #}
{% materialization table, adapter='mysql' -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% do set_session() %}
  {% do mark_left_out() %}
  {{ run_hooks(pre_hooks) }}
  {% do build_table(target_relation, load_cached_relation(this), sql) %}
  {% do record_code(code_signature(sql)) %}
  {{ run_hooks(post_hooks) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
