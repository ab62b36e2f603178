-- The hash of all rules, weights and parameters in force on a period's first day: two scores
-- with one hash were judged alike.
{{ config(primary_key=['rule_set', 'period_type', 'period_start']) }}

with

rule_sets as (

    select distinct rule_set from {{ ref('stg_scoring_rules') }}

),

entries as (

    select
        rule_set,
        valid_from,
        valid_to,
        concat_ws(
            '|', 'rule', rule_id, dimension, coalesce(metric, ''), coalesce(subject_type, ''),
            coalesce(period_type, ''), rule_type,
            coalesce(lower_bound, ''), coalesce(upper_bound, ''), coalesce(benchmark, ''),
            coalesce(points, ''), coalesce(points_per_unit, ''), coalesce(min_points, ''), coalesce(max_points, ''),
            min_sample, when_missing
        ) as entry
    from {{ ref('stg_scoring_rules') }}
    union all
    select
        rule_set,
        valid_from,
        valid_to,
        concat_ws('|', 'weight', dimension, weight, coalesce(min_score, ''), coalesce(max_score, '')) as entry
    from {{ ref('stg_dimension_weights') }}
    union all
    select
        rule_sets.rule_set,
        parameters.valid_from,
        parameters.valid_to,
        concat_ws('|', 'parameter', parameters.parameter, parameters.parameter_value) as entry
    from {{ ref('stg_metric_parameters') }} as parameters
    cross join rule_sets
    where parameters.parameter in ('{{ parameter_names() | join("', '") }}')

)

select
    entries.rule_set,
    periods.period_type,
    periods.period_start,
    case
        when max(entries.entry like 'rule|%')
            then sha2(group_concat(entries.entry order by entries.entry separator '\n'), 256)
    end as rule_book_hash
from {{ ref('periods') }} as periods
inner join entries on periods.period_start between entries.valid_from and entries.valid_to
group by entries.rule_set, periods.period_type, periods.period_start
