{#
  Remember the signature (from code_signature) of a model just built, for the models after it, and
  which build it was, for last_build_of. By the whole key of a row that is there or by insert: an
  update or replace of a row that is not there locks the gap, and two models at once lock each other out.
  Goes with incremental.sql.
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
