{# A killed build leaves whole publications or none. #}
{% materialization publication, adapter='mysql' -%}
  {%- if var('scratch_schema') -%}
    {%- do exceptions.raise_compiler_error('var scratch_schema is set: a preview publishes nothing') -%}
  {%- endif -%}
  {%- set target_relation = this.incorporate(type='table') -%}
  {% do set_session() %}
  {% do refuse_left_out(code_signature(sql)) %}
  {{ run_hooks(pre_hooks) }}

  {%- do build_table(target_relation, load_cached_relation(this), sql) -%}
  {%- set columns = [
    'period_type', 'period_start', 'period_end', 'revision', 'kind', 'correction_id', 'reason', 'author', 'approved_by',
  ] -%}
  {%- for row in run_query(
    'select ' ~ columns | join(', ') ~ ' from ' ~ target_relation ~ ' order by period_end, period_type, revision'
  ).rows -%}
    {%- do publish(dict(zip(columns, row))) -%}
  {%- endfor -%}

  {{ run_hooks(post_hooks) }}
  {{ return({'relations': [target_relation]}) }}
{%- endmaterialization %}
