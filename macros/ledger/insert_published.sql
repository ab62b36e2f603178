{% macro insert_published(table, sql, hash_column='row_hash', values={}) -%}
  {%- set hashed = [] -%}
  {%- for column in table.columns.values() if column.name != hash_column and column.name not in values -%}
    {%- do hashed.append(column) -%}
  {%- endfor -%}
  {%- set names = hashed | map(attribute='name') | join(', ') -%}
  {%- call statement('insert_published') -%}
    insert into {{ table.relation_name }} ({{ ([names, hash_column] + values.keys() | list) | join(', ') }})
    select
      {{ names }},
      {{ row_hash(hashed) }}
      {%- for value in values.values() %}, '{{ value }}'{% endfor %}
    from ({{ sql }}) as published_rows
  {%- endcall -%}
{%- endmacro %}
