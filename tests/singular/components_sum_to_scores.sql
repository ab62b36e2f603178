-- A score is the sum of its components, weighted: recomputed here from the components alone.
with

sums as (

    select period_type, period_start, hall_id, subject_type, subject_id, dimension, sum(points) as point_sum
    from {{ ref('score_components') }}
    group by period_type, period_start, hall_id, subject_type, subject_id, dimension

),

weighted as (

    select
        dimensions.*,
        coalesce(sums.point_sum, 0) as point_sum
    from {{ ref('dimension_scores') }} as dimensions
    left join sums
        on dimensions.period_type = sums.period_type
        and dimensions.period_start = sums.period_start
        and dimensions.hall_id = sums.hall_id
        and dimensions.subject_type = sums.subject_type
        and dimensions.subject_id = sums.subject_id
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
from {{ ref('scores') }} as scores
left join composites
    on scores.period_type = composites.period_type
    and scores.period_start = composites.period_start
    and scores.hall_id = composites.hall_id
    and scores.subject_type = composites.subject_type
    and scores.subject_id = composites.subject_id
where scores.status = 'scored' and not scores.composite_score <=> composites.composite
