{% macro known_code_problems(seed, key_columns, column, codes, blank_allowed=false) -%}
  select
    '{{ seed }}.csv' as seed_file,
    concat_ws('/', {{ key_columns | join(', ') }}) as row_key,
    '{{ column }}' as column_name,
    concat('"', left(coalesce({{ column }}, ''), 40), '" is not known; use {{ codes | join(", ") }}') as problem
  from {{ ref(seed) }}
  where
    coalesce(trim({{ column }}), '') not in ('{{ codes | join("', '") }}'{{ ", ''" if blank_allowed }})
{%- endmacro %}
