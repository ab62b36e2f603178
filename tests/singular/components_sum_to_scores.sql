-- A score is the sum of its components, weighted: recomputed here from the components alone.
with

checked_periods as (

    {{ written_periods() }}

),

sums as (

    select
        components.period_type, components.period_start, components.hall_id, components.subject_type,
        components.subject_id, components.dimension, sum(components.points) as point_sum
    from checked_periods
    inner join {{ ref('score_components') }} as components
        on checked_periods.period_type = components.period_type
        and checked_periods.period_start = components.period_start
    group by
        components.period_type, components.period_start, components.hall_id, components.subject_type,
        components.subject_id, components.dimension

),

weighted as (

    select
        dimensions.*,
        coalesce(sums.point_sum, 0) as point_sum
    from checked_periods
    inner join {{ ref('dimension_scores') }} as dimensions
        on checked_periods.period_type = dimensions.period_type
        and checked_periods.period_start = dimensions.period_start
    left join sums
        on {{ same_subject_period('dimensions', 'sums') }}
        and dimensions.dimension = sums.dimension

),

composites as (

    select
        period_type, period_start, hall_id, subject_type, subject_id,
        cast(sum(weight * coalesce(score, 0)) as decimal(12, 6)) as composite
    from weighted
    group by period_type, period_start, hall_id, subject_type, subject_id

)

select
    'components and dimension differ' as problem, hall_id, subject_type, subject_id, period_type, period_start,
    point_sum as expected, unclamped_score as found
from weighted
where point_sum <> unclamped_score
union all
select
    'dimensions and composite differ' as problem,
    scores.hall_id, scores.subject_type, scores.subject_id, scores.period_type, scores.period_start,
    composites.composite as expected, scores.composite_score as found
from checked_periods
inner join {{ ref('scores') }} as scores
    on checked_periods.period_type = scores.period_type and checked_periods.period_start = scores.period_start
left join composites
    on {{ same_subject_period('scores', 'composites') }}
where scores.status = 'scored' and not scores.composite_score <=> composites.composite
