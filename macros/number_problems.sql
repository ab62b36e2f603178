{# Rows of rule_problems: cells of a seed (of the rows that a condition holds for) that should be numbers and are not. #}
{% macro number_problems(seed, key_columns, number_columns, required_columns=[], condition='1 = 1') -%}
  {%- for column in number_columns %}
  select
    '{{ seed }}.csv' as seed_file,
    concat_ws('/', {{ key_columns | join(', ') }}) as row_key,
    '{{ column }}' as column_name,
    concat('"', left({{ column }}, 40), '" is not a number; write digits such as 12 or 0.90') as problem
  from {{ ref(seed) }}
  where nullif(trim({{ column }}), '') is not null and {{ seed_number(column) }} is null and {{ condition }}
  {%- if not loop.last %} union all {% endif %}
  {%- endfor %}
  {%- for column in required_columns %}
  union all
  select
    '{{ seed }}.csv' as seed_file,
    concat_ws('/', {{ key_columns | join(', ') }}) as row_key,
    '{{ column }}' as column_name,
    'the cell is empty; a value is needed' as problem
  from {{ ref(seed) }}
  where nullif(trim({{ column }}), '') is null
  {%- endfor %}
{%- endmacro %}
