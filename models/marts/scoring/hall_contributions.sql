-- How a hall's composite score adds up, step by step, and what each step was in the period before.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='change_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'dimension', 'rule_id'],
    indexes=[['hall_id', 'period_type', 'period_start']],
) }}

with

wanted_periods as (

    select
        periods.period_type,
        periods.period_start,
        previous.period_start as previous_start
    from {{ ref('int_periods') }} as periods
    left join {{ ref('int_periods') }} as previous
        on periods.period_type = previous.period_type
        and periods.period_start = date_add(previous.period_end, interval 1 day)
    where {{ in_slices('periods.period_type, periods.period_start') }}

),

read_periods as (

    select period_type, period_start from wanted_periods
    union distinct
    select period_type, previous_start as period_start
    from wanted_periods
    where previous_start is not null

),

weighted_dimensions as (

    select dimensions.*
    from read_periods
    inner join {{ ref('scores') }} as scores
        on read_periods.period_type = scores.period_type
        and read_periods.period_start = scores.period_start
        and scores.subject_type = 'hall'
    inner join {{ ref('dimension_scores') }} as dimensions
        on {{ same_subject_period('scores', 'dimensions') }}
    where scores.status in ('scored', 'shadow') and dimensions.weight > 0

),

steps as (

    select
        dimensions.period_type,
        dimensions.period_start,
        dimensions.hall_id,
        dimensions.dimension,
        dimensions.weight,
        components.rule_id,
        components.rule_type,
        components.metric,
        components.label_zh,
        components.label_en,
        components.value,
        components.points
    from weighted_dimensions as dimensions
    inner join {{ ref('score_components') }} as components
        on {{ same_subject_period('dimensions', 'components') }}
        and dimensions.dimension = components.dimension
    union all
    -- What min_score or max_score adds to or takes from the sum of the points.
    select
        period_type,
        period_start,
        hall_id,
        dimension,
        weight,
        'limit' as rule_id,
        'limit' as rule_type,
        null as metric,
        '维度分上下限' as label_zh,
        'Limit of the dimension score' as label_en,
        null as value,
        score - unclamped_score as points
    from weighted_dimensions
    where score <> unclamped_score

),

weighted_steps as (

    select
        steps.*,
        cast(weight * points as decimal(12, 6)) as contribution
    from steps

),

numbered_steps as (

    select
        weighted_steps.*,
        row_number() over (
            partition by period_type, period_start, hall_id
            order by rule_type <> 'base' asc, weight desc, dimension asc, rule_type = 'limit' asc, rule_id asc
        ) as step_number
    from weighted_steps

),

summed_steps as (

    select
        numbered_steps.*,
        sum(contribution) over (
            partition by period_type, period_start, hall_id
            order by step_number
            rows between unbounded preceding and current row
        ) as total_after
    from numbered_steps

)

select
    steps.period_type,
    steps.period_start,
    steps.hall_id,
    steps.dimension,
    steps.rule_id,
    cast(steps.step_number as signed) as step_number,
    steps.rule_type,
    steps.metric,
    steps.label_zh,
    steps.label_en,
    steps.value,
    steps.weight,
    cast(steps.points as decimal(12, 6)) as points,
    steps.contribution,
    cast(steps.total_after - steps.contribution as decimal(12, 6)) as total_before,
    cast(steps.total_after as decimal(12, 6)) as total_after,
    previous.value as previous_value,
    cast(previous.points as decimal(12, 6)) as previous_points,
    cast(steps.contribution - previous.contribution as decimal(12, 6)) as contribution_change,
    '{{ invocation_id }}' as build_id
from wanted_periods
inner join summed_steps as steps
    on wanted_periods.period_type = steps.period_type and wanted_periods.period_start = steps.period_start
left join weighted_steps as previous
    on wanted_periods.period_type = previous.period_type
    and wanted_periods.previous_start = previous.period_start
    and steps.hall_id = previous.hall_id
    and steps.dimension = previous.dimension
    and steps.rule_id = previous.rule_id
