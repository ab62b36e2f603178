{# Each date is converted once for all checks, because that is a long expression. #}
{% macro date_problems(seed, key_columns) -%}
  {%- set key = key_columns | join(', ') -%}
  select
    '{{ seed }}.csv' as seed_file,
    concat_ws('/', {{ key }}, valid_from) as row_key,
    column_name,
    case fault
      when 'reversed' then concat(valid_to, ' is before valid_from ', valid_from, '; it must be the same day or later')
      when 'overlap' then 'another row of the same key is in force on the same day; end it the day before'
      else concat('"', left(coalesce(case column_name when 'valid_to' then valid_to else valid_from end, ''), 40),
        '" is not a date; write it as 2026-03-31')
    end as problem
  from (
    select
      {{ key }}, valid_from, valid_to, first_day, last_day,
      max(coalesce(last_day, cast('9999-12-31' as date))) over (
        partition by {{ key }} order by first_day, coalesce(last_day, cast('9999-12-31' as date))
        rows between unbounded preceding and 1 preceding
      ) as last_day_before
    from (
      select
        {{ key }}, valid_from, valid_to,
        {{ seed_date('valid_from') }} as first_day,
        {{ seed_date('valid_to') }} as last_day
      from {{ ref(seed) }}
    ) as dated
  ) as neighbours
  cross join (
    select 'valid_from' as column_name, 'no date' as fault
    union all
    select 'valid_to', 'no date'
    union all
    select 'valid_to', 'reversed'
    union all
    select 'valid_from', 'overlap'
  ) as faults
  where
    (fault = 'no date' and column_name = 'valid_from' and first_day is null)
    or (fault = 'no date' and column_name = 'valid_to' and last_day is null and nullif(trim(valid_to), '') is not null)
    or (fault = 'reversed' and last_day < first_day)
    or (fault = 'overlap' and first_day <= last_day_before)
{%- endmacro %}
