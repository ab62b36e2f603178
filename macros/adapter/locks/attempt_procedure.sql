{# Remove with attempt.sql. #}
{% macro attempt_procedure() -%}
  {{ return(api.Relation.create(schema=generate_schema_name('work', none), identifier='attempt')) }}
{%- endmacro %}
