{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start', 'rule_id'],
    plan='plan_components',
    version='component_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'rule_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}
-- depends_on: {{ ref('plan_components') }}

with

rules as (

    select
        rules.rule_set,
        rules.rule_id,
        rules.dimension,
        rules.metric,
        rules.rule_type,
        rules.lower_bound,
        rules.upper_bound,
        rules.benchmark,
        rules.points as rule_points,
        rules.points_per_unit,
        rules.min_points,
        rules.max_points,
        rules.min_sample,
        rules.when_missing,
        rules.valid_from,
        rules.valid_to,
        rules.label_zh,
        rules.label_en,
        rules.subject_type as rule_subject_type,
        rules.period_type as rule_period_type,
        definitions.direction,
        coalesce(definitions.is_count, 0) as smallest_step
    from {{ ref('stg_scoring_rules') }} as rules
    left join {{ ref('stg_metric_definitions') }} as definitions on rules.metric = definitions.metric

),

subject_rules as (

    select
        grid.period_type,
        grid.period_start,
        grid.hall_id,
        grid.subject_type,
        grid.subject_id,
        rules.*
    from {{ ref('int_subject_periods') }} as grid
    inner join rules
        on grid.rule_set = rules.rule_set
        and grid.period_start between rules.valid_from and rules.valid_to
        and grid.subject_type = coalesce(rules.rule_subject_type, grid.subject_type)
        and grid.period_type = coalesce(rules.rule_period_type, grid.period_type)
    where grid.subject_type <> 'item' and {{ in_slices('grid.period_type, grid.period_start, rules.rule_id') }}

),

exempted as (

    select distinct
        subject_rules.period_type,
        subject_rules.period_start,
        subject_rules.hall_id,
        subject_rules.subject_type,
        subject_rules.subject_id,
        subject_rules.rule_id
    from {{ ref('stg_exemptions') }} as exemptions
    inner join subject_rules
        on subject_rules.hall_id = coalesce(exemptions.hall_id, subject_rules.hall_id)
        and subject_rules.subject_type = coalesce(exemptions.subject_type, subject_rules.subject_type)
        and subject_rules.subject_id = coalesce(exemptions.subject_id, subject_rules.subject_id)
        and subject_rules.rule_id = coalesce(exemptions.rule_id, subject_rules.rule_id)
        and subject_rules.period_start between exemptions.valid_from and exemptions.valid_to

),

-- The judging step: measured values meet the rules in force.
measured as (

    select
        subject_rules.*,
        metrics.value,
        metrics.numerator,
        metrics.denominator,
        metrics.sample_size,
        coalesce(metrics.status, 'no_data') as metric_status,
        case
            when metrics.value is not null then metrics.value
            when subject_rules.when_missing = 'zero' and metrics.status = 'no_data' then 0
        end as judged_value,
        exempted.rule_id is not null as is_exempt
    from subject_rules
    left join {{ ref('metrics') }} as metrics
        on {{ same_subject_period('subject_rules', 'metrics') }}
        and subject_rules.metric = metrics.metric
    left join exempted
        on {{ same_subject_period('subject_rules', 'exempted') }}
        and subject_rules.rule_id = exempted.rule_id

),

judged as (

    select
        measured.*,
        case
            when is_exempt then 'exempt'
            when rule_type = 'base' then 'applied'
            when metric_status = 'not_attributable' then 'not_attributable'
            when judged_value is null then 'no_data'
            when value is not null and sample_size < min_sample then 'insufficient_sample'
            when {{ is_outside_bounds('judged_value', 'measured') }} then 'not_met'
            else 'applied'
        end as status
    from measured

),

pointed as (

    select
        judged.*,
        case
            when status <> 'applied' then 0
            else {{ earned_points('judged_value', 'judged', 'rule_points') }}
        end as points
    from judged

),

-- The change of the value that would improve this component: reach a bonus, leave a deduction, or undo a negative
-- slope. A band ends just below its upper bound; for a count that is one less.
improved as (

    select
        pointed.*,
        case
            when status = 'not_met' and rule_type = 'band' and rule_points > 0
                then case
                    when judged_value < lower_bound then lower_bound
                    else upper_bound - smallest_step
                end - judged_value
            when status = 'applied' and rule_type = 'band' and points < 0
                then case
                    when lower_bound is null or (upper_bound is not null and direction = 'higher_is_better')
                        then upper_bound
                    else lower_bound - smallest_step
                end - judged_value
            when status = 'applied' and rule_type = 'slope' and points < 0 then benchmark - judged_value
        end as distance_to_next_band
    from pointed

)

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    rule_id,
    rule_set,
    dimension,
    metric,
    rule_type,
    when_missing,
    cast(status as char(24)) as status,
    value,
    numerator,
    denominator,
    sample_size,
    lower_bound,
    upper_bound,
    benchmark,
    points_per_unit,
    cast(points as decimal(12, 6)) as points,
    cast(
        case when distance_to_next_band is not null then abs(case when points < 0 then points else rule_points end) end
        as decimal(12, 6)
    ) as next_band_points,
    cast(distance_to_next_band as decimal(20, 10)) as distance_to_next_band,
    label_zh,
    label_en,
    '{{ invocation_id }}' as build_id
from improved
