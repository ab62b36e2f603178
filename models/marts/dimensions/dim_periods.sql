{{ config(primary_key=['period_type', 'period_start']) }}

select
    period_type,
    period_start,
    period_end,
    is_closed,
    is_closed
    and row_number() over (partition by period_type, is_closed order by period_start desc) = 1 as is_latest_closed,
    cast({{ as_of_date() }} as date) as as_of_date,
    cast(public_minimum_ratings as signed) as public_minimum_ratings,
    '{{ invocation_id }}' as build_id
from {{ ref('int_periods') }}
