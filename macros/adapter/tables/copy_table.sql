{# Remove with build_table.sql. #}
{% macro copy_table(source_relation, target_relation) -%}
  {%- call statement('delete') -%}delete from {{ target_relation }}{%- endcall -%}
  {%- call statement('copy') -%}insert into {{ target_relation }} select * from {{ source_relation }}{%- endcall -%}
  {%- do adapter.commit() -%}
{%- endmacro %}
