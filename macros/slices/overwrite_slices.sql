{# Remove with incremental.sql. #}
{% macro overwrite_slices(target_relation, slice_by, plan, version, slices, sql) -%}
  {%- set deleted = slices.changed + slices.gone -%}
  {%- if not deleted -%}
    {%- call statement('main') -%}select 'no slice has changed'{%- endcall -%}
  {%- else -%}
    {%- set deleted_keys = slice_keys(deleted) -%}
    {%- if config.get('contract').enforced -%}
      {%- set columns = get_columns_in_query(restrict_to_slices(sql, deleted_keys)) -%}
    {%- else -%}
      {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {%- endif -%}
    {%- do add_monthly_partitions(target_relation, slices.changed) -%}
    {%- call statement('delete') -%}
      delete from {{ target_relation }} where {{ slice_condition(slice_by | join(', '), deleted_keys) }}
    {%- endcall -%}
    {%- call statement('forget') -%}
      delete from {{ slice_versions() }}
      where model_name = '{{ this.identifier }}' and slice in ({{ sql_literals(deleted) }})
    {%- endcall -%}
    {%- if slices.changed -%}
      {%- call statement('main') -%}
        insert into {{ target_relation }} (`{{ columns | join('`, `') }}`)
        {{ restrict_to_slices(sql, slice_keys(slices.changed)) }}
      {%- endcall -%}
      {%- do record_slices(plan, version, slices.changed) -%}
    {%- else -%}
      {%- call statement('main') -%}select 'only gone slices'{%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
