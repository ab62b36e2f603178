{% macro number_problems(seed, key_columns, number_columns, required_columns=[], condition='1 = 1') -%}
  select
    '{{ seed }}.csv' as seed_file,
    row_key,
    column_name,
    case fault
      when 'empty' then 'the cell is empty; a value is needed'
      else concat('"', left(cell, 40), '" is not a number; write digits such as 12 or 0.90')
    end as problem
  from (
    select
      concat_ws('/', {{ key_columns | join(', ') }}) as row_key,
      columns_checked.column_name,
      columns_checked.fault,
      case columns_checked.column_name
        {%- for column in (number_columns + required_columns) | unique %}
        when '{{ column }}' then {{ column }}
        {%- endfor %}
      end as cell
    from {{ ref(seed) }}
    cross join (
      {%- for column in number_columns %}
      select '{{ column }}' as column_name, 'no number' as fault
      {%- if not loop.last %} union all {% endif %}
      {%- endfor %}
      {%- for column in required_columns %}
      union all
      select '{{ column }}', 'empty'
      {%- endfor %}
    ) as columns_checked
    where columns_checked.fault = 'empty' or {{ condition }}
  ) as cells
  where
    (fault = 'no number' and nullif(trim(cell), '') is not null and {{ seed_number('cell') }} is null)
    or (fault = 'empty' and nullif(trim(cell), '') is null)
{%- endmacro %}
