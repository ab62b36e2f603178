{#
  Keys and indexes of a table just built: dbt-mysql has no option for them.
  Two statements at most: seekdb refuses a key and an index in one.
#}
{% macro add_keys(relation, primary_key, indexes) -%}
  {%- if primary_key -%}
    {%- call statement('add_primary_key') -%}
      alter table {{ relation }} add primary key ({{ primary_key | join(', ') }})
    {%- endcall -%}
  {%- endif -%}
  {%- for columns in indexes -%}
    {%- call statement('add_index') -%}
      create index {{ index_name(columns) }} on {{ relation }} ({{ columns | join(', ') }})
    {%- endcall -%}
  {%- endfor -%}
{%- endmacro %}
