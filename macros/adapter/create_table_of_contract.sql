{#
  A table as its contract says: types, not null, and the descriptions as comments. With keys
  (a list of SQL key clauses) it is a table that stays: made only when it is not there.
#}
{% macro create_table_of_contract(relation, columns, description, keys=none) -%}
  {%- call statement('create_contracted') %}
    create table {{ 'if not exists ' if keys is not none }}{{ relation }} (
      {%- for column in columns.values() %}
      `{{ column.name }}` {{ column.data_type }}
      {{- ' not null' if column.constraints | selectattr('type', 'equalto', 'not_null') | list else ' null' }}
      comment '{{ column.description | replace("\\", "\\\\") | replace("'", "''") }}'
      {{- ',' if not loop.last or keys }}
      {%- endfor %}
      {{ (keys or []) | join(', ') }}
    ) default character set utf8mb4 collate utf8mb4_bin
    comment '{{ description | replace("\\", "\\\\") | replace("'", "''") }}'
  {%- endcall %}
{%- endmacro %}
