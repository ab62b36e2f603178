{#
  A table as its contract says: types, not null, and the descriptions as
  comments. dbt-mysql ignores an enforced contract and persists no docs; this
  file can go when it does both. Strict mode refuses a value that does not fit.
#}
{% macro create_contracted_table(relation, columns, description, sql, primary_key=[], indexes=[]) -%}
  {%- set selected = get_columns_in_query(sql) -%}
  {%- set missing = columns | reject('in', selected) | list -%}
  {%- set unknown = selected | reject('in', columns) | list -%}
  {%- if missing or unknown -%}
    {%- do exceptions.raise_compiler_error(
        'contract of ' ~ this.identifier ~ ': the model does not select ' ~ (missing | join(', ') or 'nothing')
        ~ '; the contract does not name ' ~ (unknown | join(', ') or 'nothing')
    ) -%}
  {%- endif -%}
  {%- call statement('create_contracted') %}
    create table {{ relation }} (
      {%- for column in columns.values() %}
      `{{ column.name }}` {{ column.data_type }}
      {{- ' not null' if column.constraints | selectattr('type', 'equalto', 'not_null') | list else ' null' }}
      comment '{{ column.description | replace("\\", "\\\\") | replace("'", "''") }}'
      {{- ',' if not loop.last }}
      {%- endfor %}
      {%- if primary_key %}, primary key ({{ primary_key | join(', ') }}){% endif %}
      {%- for index_columns in indexes %}, index {{ index_name(index_columns) }} ({{ index_columns | join(', ') }}){% endfor %}
    ) default character set utf8mb4 collate utf8mb4_bin
    comment '{{ description | replace("\\", "\\\\") | replace("'", "''") }}'
  {%- endcall %}
  {%- call statement('main') %}
    insert into {{ relation }} (`{{ selected | join('`, `') }}`)
    {{ sql }}
  {%- endcall %}
{%- endmacro %}
