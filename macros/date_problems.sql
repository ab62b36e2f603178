{#
  Rows of rule_problems: unreadable or reversed dates of a dated seed, and two
  rows of one key in force on the same day.
#}
{% macro date_problems(seed, key_columns) -%}
  {%- set row_key -%}concat_ws('/', {{ key_columns | join(', ') }}, valid_from){%- endset -%}
  {%- for column in ['valid_from', 'valid_to'] %}
  select
    '{{ seed }}.csv' as seed_file,
    {{ row_key }} as row_key,
    '{{ column }}' as column_name,
    concat('"', left(coalesce({{ column }}, ''), 40), '" is not a date; write it as 2026-03-31') as problem
  from {{ ref(seed) }}
  where
    {{ seed_date(column) }} is null
    {% if column == 'valid_to' -%} and nullif(trim(valid_to), '') is not null {%- endif %}
  union all
  {%- endfor %}
  select
    '{{ seed }}.csv' as seed_file,
    {{ row_key }} as row_key,
    'valid_to' as column_name,
    concat(valid_to, ' is before valid_from ', valid_from, '; it must be the same day or later') as problem
  from {{ ref(seed) }}
  where {{ valid_until() }} < {{ seed_date('valid_from') }}
  union all
  select
    '{{ seed }}.csv' as seed_file,
    concat_ws('/', {{ key_columns | join(', ') }}, valid_from) as row_key,
    'valid_from' as column_name,
    'another row of the same key is in force on the same day; end it the day before' as problem
  from (
    select
      {{ key_columns | join(', ') }}, valid_from,
      {{ seed_date('valid_from') }} as first_day,
      max({{ valid_until() }}) over (
        partition by {{ key_columns | join(', ') }}
        order by {{ seed_date('valid_from') }}, {{ valid_until() }}
        rows between unbounded preceding and 1 preceding
      ) as last_day_before
    from {{ ref(seed) }}
  ) as neighbours
  where first_day <= last_day_before
{%- endmacro %}
