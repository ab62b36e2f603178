{#
  Keys and indexes of a table just built: dbt-mysql has no option for them. In one
  statement where the server can, which reads and writes the table once; OceanBase and seekdb
  refuse a key and an index in one.
#}
{% macro add_keys(relation, primary_key, indexes) -%}
  {%- set clauses = [] -%}
  {%- if primary_key -%}
    {%- do clauses.append('add primary key (' ~ primary_key | join(', ') ~ ')') -%}
  {%- endif -%}
  {%- for columns in indexes -%}
    {%- do clauses.append('add index ' ~ index_name(columns) ~ ' (' ~ columns | join(', ') ~ ')') -%}
  {%- endfor -%}
  {%- set apart = clauses | length > 1 and 'oceanbase' in run_query('select @@version_comment').columns[0].values()[0] | lower -%}
  {%- for some in (clauses if apart else [clauses | join(', ')] if clauses else []) -%}
    {%- call statement('add_keys') -%}alter table {{ relation }} {{ some }}{%- endcall -%}
  {%- endfor -%}
{%- endmacro %}
