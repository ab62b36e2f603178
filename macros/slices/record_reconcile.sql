{#
  Post-hook of plan_raw_days: when all raw rows were last read, by the clock of the warehouse (UTC), for the nightly
  run. What is built from them heals by its versions, also when this build fails later on.
#}
{% macro record_reconcile() -%}
  {%- if var('reconcile') or should_full_refresh() -%}
    {%- call statement('forget_reconcile') -%}
      delete from {{ slice_versions() }} where model_name = '{{ this.identifier }}' and slice = 'reconcile'
    {%- endcall -%}
    {%- call statement('record_reconcile') -%}
      insert into {{ slice_versions() }} (model_name, slice, version, build_id)
      values (
        '{{ this.identifier }}', 'reconcile', date_format(utc_timestamp(), '%Y-%m-%d %H:%i:%s'), '{{ invocation_id }}'
      )
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
