{#
  Update an existing row by its full key, or insert: updating or replacing a missing row locks the gap, and two models
  at once would deadlock.
  Remove with incremental.sql.
#}
{% macro record_code(signature) -%}
  {%- call statement('record_code') -%}
    {%- if signature.held -%}
    update {{ slice_versions() }} set version = '{{ signature.version }}', build_id = '{{ invocation_id }}'
    where model_name = '{{ this.identifier }}' and slice = 'code'
    {%- else -%}
    insert into {{ slice_versions() }} (model_name, slice, version, build_id)
    values ('{{ this.identifier }}', 'code', '{{ signature.version }}', '{{ invocation_id }}')
    {%- endif -%}
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
