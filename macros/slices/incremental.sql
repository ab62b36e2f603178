{#
  It deletes and inserts in one transaction: dbt-mysql's own needs temporary tables, which seekdb lacks, and never
  deletes. The table is rebuilt whole if its code or most slices have changed; a mart only if all slices have, since
  its unchanged rows keep their build_id.
  This file can go when dbt-mysql overwrites parts of a table without temporary tables.
#}
{% materialization incremental, adapter='mysql' -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {%- set existing_relation = load_cached_relation(this) -%}
  {%- set slice_by = config.get('slice_by') -%}
  {%- if not slice_by or not config.get('version') -%}
    {%- do exceptions.raise_compiler_error(
      'incremental model ' ~ this.identifier ~ ': set slice_by (its day column, or period_type and period_start, '
      ~ 'or these and rule_id) and version (a column of its plan); dbt-mysql has no other way that every engine can do'
    ) -%}
  {%- endif -%}
  {%- if var('only_periods') and not var('scratch_schema') -%}
    {%- do exceptions.raise_compiler_error('var only_periods leaves all other periods out: set scratch_schema too') -%}
  {%- endif -%}
  {%- set plan = ref(config.get('plan', 'plan_periods' if slice_by | length > 1 else 'plan_days')) -%}
  {%- set signature = code_signature(sql) -%}
  {%- if var('only_periods') and slice_by | length > 1 -%}
    {%- set sql = restrict_to_slices(sql, slice_keys(var('only_periods'))) -%}
  {%- endif -%}

  {% do set_session() %}
  {% do refuse_left_out(signature) %}
  {{ run_hooks(pre_hooks) }}

  {%- set can_keep = signature.held == signature.version and existing_relation is not none and existing_relation.is_table and not should_full_refresh() -%}
  {%- set slices = changed_slices(plan, config.get('version')) if can_keep else {'changed': [], 'wanted': 0} -%}
  {%- set changed = slices.changed | length -%}
  {%- set kept = slices.wanted - changed -%}
  {%- set most_changed = changed and (not kept if config.get('contract').enforced else kept < changed) -%}
  {%- if not can_keep or most_changed -%}
    {%- do build_all_slices(target_relation, existing_relation, plan, config.get('version'), sql) -%}
    {#- deleted with the slices -#}
    {%- do signature.update(held=none) -%}
  {%- else -%}
    {%- do overwrite_slices(target_relation, slice_by, plan, config.get('version'), slices, sql) -%}
  {%- endif -%}
  {% do record_code(signature) %}

  {{ run_hooks(post_hooks) }}
  {% do apply_grants(target_relation, config.get('grants'), should_revoke=True) %}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
