{#
  dbt-mysql has no option for them. One statement reads and writes the table only once; OceanBase and seekdb refuse
  a key and an index in one statement. This file can go when dbt-mysql has options for them.
#}
{% macro add_keys(relation, primary_key, indexes) -%}
  {%- set clauses = key_clauses(primary_key, indexes) -%}
  {%- set apart = clauses | length > 1 and is_oceanbase() -%}
  {%- for some in (clauses if apart else [clauses | join(', add ')] if clauses else []) -%}
    {%- call statement('add_keys') -%}alter table {{ relation }} add {{ some }}{%- endcall -%}
  {%- endfor -%}
{%- endmacro %}
