{#
  Remember the signature of a model just built, for the models after it. Nothing is written
  when it is the same, and never by `replace`: two models at once would lock each other out.
#}
{% macro record_code(signature) -%}
  {%- set row = "model_name = '" ~ this.identifier ~ "' and slice = 'code'" -%}
  {%- set held = run_query('select version from ' ~ slice_versions() ~ ' where ' ~ row).rows -%}
  {%- if not held or held[0][0] != signature -%}
    {%- call statement('record_code') -%}
      {%- if held -%}
      update {{ slice_versions() }} set version = '{{ signature }}', build_id = '{{ invocation_id }}' where {{ row }}
      {%- else -%}
      insert into {{ slice_versions() }} (model_name, slice, version, build_id)
      values ('{{ this.identifier }}', 'code', '{{ signature }}', '{{ invocation_id }}')
      {%- endif -%}
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
