{#
  It leaves out what differs from run to run (dates, the build id, models tagged `plan`): the versions cover that.
  Remove with incremental.sql.
#}
{% macro code_signature(sql) -%}
  {%- set ancestors = models_before(model.depends_on.nodes) -%}
  {%- set before = run_query(
    "select model_name, version, build_id from " ~ slice_versions() ~ " where slice = 'code' and model_name in ('"
    ~ (ancestors + [this.identifier]) | join("', '") ~ "') order by model_name"
  ) -%}
  {%- set parts = [
    modules.re.sub("'[0-9]{4}-[0-9]{2}-[0-9]{2}[^']*'", '', sql) | replace(invocation_id, ''),
    model.columns.values() | map('string') | join(' '), model.description,
    config.get('primary_key', []) | string, config.get('indexes', []) | string, var('monthly_partitions') | string,
  ] -%}
  {%- for row in before.rows if row[0] != this.identifier -%}
    {%- do parts.append(row[0] ~ ' ' ~ row[1]) -%}
  {%- endfor -%}
  {%- set left_out = before.rows | selectattr(2, 'equalto', '') | map(attribute=0) | list -%}
  {%- set held = before.rows | selectattr(0, 'equalto', this.identifier) | map(attribute=1) | first -%}
  {{ return({
    'version': local_md5(parts | join('\n')), 'held': held or none,
    'left_out': left_out | reject('equalto', this.identifier) | list,
  }) }}
{%- endmacro %}
