{# If a build ends without it, its session ends too, which frees the row (see lock_build). #}
{% macro unlock_build() -%}
  {%- set session = adapter.config.vars.to_dict().pop('session_of_build', none) if execute -%}
  {%- if session -%}
    {%- do session.close() -%}
  {%- endif -%}
  select 1
{%- endmacro %}
