{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='score_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'dimension'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

with

component_sums as (

    select
        period_type,
        period_start,
        hall_id,
        subject_type,
        subject_id,
        dimension,
        sum(points) as unclamped_score,
        sum(rule_type <> 'base' and status in ('applied', 'not_met')) as measured_count,
        sum(rule_type <> 'base' and status = 'insufficient_sample') as small_sample_count,
        sum(
            when_missing = 'require' and status in ('no_data', 'insufficient_sample', 'not_attributable')
        ) as missing_required_count,
        sum(status <> 'exempt') as judged_count
    from {{ ref('score_components') }}
    where {{ in_slices('period_type, period_start') }}
    group by period_type, period_start, hall_id, subject_type, subject_id, dimension

),

weighted as (

    select
        grid.period_type,
        grid.period_start,
        grid.hall_id,
        grid.subject_type,
        grid.subject_id,
        weights.rule_set,
        weights.dimension,
        weights.weight,
        weights.min_score,
        weights.max_score,
        coalesce(sums.unclamped_score, 0) as unclamped_score,
        coalesce(sums.measured_count > 0 and sums.missing_required_count = 0, 0) as has_score,
        coalesce(sums.small_sample_count > 0, 0) as has_small_sample,
        coalesce(sums.judged_count = 0, 0) as is_exempt
    from {{ ref('int_subject_periods') }} as grid
    inner join {{ ref('stg_dimension_weights') }} as weights
        on grid.rule_set = weights.rule_set and grid.period_start between weights.valid_from and weights.valid_to
    left join component_sums as sums
        on {{ same_subject_period('grid', 'sums') }}
        and weights.dimension = sums.dimension
    where grid.subject_type <> 'item' and {{ in_slices('grid.period_type, grid.period_start') }}

)

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    dimension,
    rule_set,
    weight,
    cast(
        case
            when has_score then {{ clamped('unclamped_score', 'min_score', 'max_score') }}
        end as decimal(12, 6)
    ) as score,
    cast(unclamped_score as decimal(12, 6)) as unclamped_score,
    has_small_sample,
    is_exempt,
    '{{ invocation_id }}' as build_id
from weighted
