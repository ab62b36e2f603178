{# Delete and insert the changed slices and their versions in one transaction, without temporary tables. #}
{% macro overwrite_slices(target_relation, slice_by, plan, version, slices, sql) -%}
  {%- set deleted = slices.changed + slices.gone -%}
  {%- if not deleted -%}
    {%- call statement('main') -%}select 'no slice has changed'{%- endcall -%}
  {%- else -%}
    {%- set slice_list = "('" ~ deleted | join("', '") ~ "')" -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation) | map(attribute='name') | list -%}
    {%- if config.get('contract').enforced -%}
      {%- set columns = get_columns_in_query(restrict_to_slices(sql, slice_keys(deleted))) -%}
    {%- endif -%}
    {%- do add_monthly_partitions(target_relation, slices.changed) -%}
    {%- do adapter.commit() -%}
    {%- call statement('delete') -%}
      delete from {{ target_relation }} where {{ slice_condition(slice_by | join(', '), slice_keys(deleted)) }}
    {%- endcall -%}
    {%- call statement('forget') -%}
      delete from {{ slice_versions() }} where model_name = '{{ this.identifier }}' and slice in {{ slice_list }}
    {%- endcall -%}
    {%- if slices.changed -%}
      {%- call statement('main') -%}
        insert into {{ target_relation }} (`{{ columns | join('`, `') }}`)
        {{ restrict_to_slices(sql, slice_keys(slices.changed)) }}
      {%- endcall -%}
      {%- call statement('remember') -%}
        insert into {{ slice_versions() }} (model_name, slice, version, build_id)
        select '{{ this.identifier }}', slice, {{ version }}, '{{ invocation_id }}'
        from {{ plan }}
        where {{ version }} is not null and slice in {{ slice_list }}
      {%- endcall -%}
    {%- else -%}
      {%- call statement('main') -%}select 'only gone slices'{%- endcall -%}
    {%- endif -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
