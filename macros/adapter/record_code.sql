{# Remember the signature of a model just built, for the models after it. #}
{% macro record_code(signature) -%}
  {%- call statement('record_code') -%}
    replace into {{ slice_versions() }} (model_name, slice, version, build_id)
    values ('{{ this.identifier }}', 'code', '{{ signature }}', '{{ invocation_id }}')
  {%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
