{{ config(primary_key=['period_type', 'period_start']) }}

select
    periods.period_type,
    periods.period_start,
    periods.period_end,
    periods.is_closed,
    periods.is_closed
    and row_number() over (
        partition by periods.period_type, periods.is_closed order by periods.period_start desc
    ) = 1 as is_latest_closed,
    {% for seed, column in [
        ('stg_improvement_triggers', 'has_triggers'), ('stg_reward_tiers', 'has_reward_tiers'),
    ] -%}
    exists(
        select 1
        from {{ ref(seed) }} as rules
        where
            periods.period_type = rules.period_type
            and periods.period_start between rules.valid_from and rules.valid_to
    ) as {{ column }},
    {% endfor -%}
    cast({{ as_of_date() }} as date) as as_of_date,
    cast(periods.public_minimum_ratings as signed) as public_minimum_ratings,
    '{{ invocation_id }}' as build_id
from {{ ref('int_periods') }} as periods
