-- A score is the weighted sum of its components, recomputed here from the components alone.
-- Points are multiplied by a checksum of their subject, so that errors of two subjects do not cancel
-- out. So one pass over the components is enough, without a group for each subject.
-- (Cast: seekdb cannot multiply a decimal by an unsigned checksum.)
with

sides as (

    {% for mart, points in [('score_components', 'points'), ('dimension_scores', 'unclamped_score')] -%}
    select
        {{ mart }}.period_type, {{ mart }}.period_start, {{ mart }}.dimension,
        {% for side in ['score_components', 'dimension_scores'] -%}
        {% if side == mart -%}
        sum({{ points }} * cast(crc32(concat_ws('|', hall_id, subject_type, subject_id)) as signed))
        {%- else %}0{% endif %} as {{ side }}_sum{{ "," if not loop.last }}
        {% endfor -%}
    from {{ ref(mart) }} as {{ mart }}
    where {{ in_written_periods('period_type, period_start') }}
    group by {{ mart }}.period_type, {{ mart }}.period_start, {{ mart }}.dimension
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

composites as (

    select
        dimensions.period_type, dimensions.period_start, dimensions.hall_id, dimensions.subject_type,
        dimensions.subject_id,
        cast(sum(dimensions.weight * coalesce(dimensions.score, 0)) as decimal(12, 6)) as composite
    from {{ ref('dimension_scores') }} as dimensions
    where {{ in_written_periods('period_type, period_start') }}
    group by
        dimensions.period_type, dimensions.period_start, dimensions.hall_id, dimensions.subject_type,
        dimensions.subject_id

)

select
    'components and dimension differ' as problem, dimension as hall_id, null as subject_type,
    null as subject_id, period_type, period_start,
    sum(score_components_sum) as expected, sum(dimension_scores_sum) as found
from sides
group by period_type, period_start, dimension
having sum(score_components_sum) <> sum(dimension_scores_sum)
union all
select
    'dimensions and composite differ' as problem,
    scores.hall_id, scores.subject_type, scores.subject_id, scores.period_type, scores.period_start,
    composites.composite as expected, scores.composite_score as found
from {{ ref('scores') }} as scores
left join composites
    on {{ same_subject_period('scores', 'composites') }}
where
    {{ in_written_periods('scores.period_type, scores.period_start') }}
    and scores.status in ('scored', 'shadow')
    and not scores.composite_score <=> composites.composite
