{# It stays valid if this build fails later: the versions then make the next build complete the rest. #}
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
