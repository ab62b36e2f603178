-- The best and the worst possible value of each metric; null where its unit has no such limit.
{{ config(primary_key=['metric']) }}

select
    definitions.metric,
    definitions.is_count,
    case definitions.direction
        when 'higher_is_better' then units.greatest_value
        else units.least_value
    end as best_value,
    case definitions.direction
        when 'higher_is_better' then units.least_value
        else units.greatest_value
    end as worst_value
from {{ ref('stg_metric_definitions') }} as definitions
left join {{ ref('stg_units') }} as units on definitions.unit = units.unit
