-- 复算：按当时的原始数据重新构建后，与已公布的得分逐行比较；结果应为空。见 docs/publication.md。
-- Replay: compares a build from the raw logs as they were with the publication; it should return no row.
-- dbt compile -s replay_differences --vars '{published_schema: hall_scores, publication_number: 4}'
{%- set ledger = "`" ~ var('published_schema', target.schema) ~ "_ledger`" -%}
{%- set number = var('publication_number', 1) %}

with

publication as (

    select publication_number, period_type, period_start
    from {{ ledger }}.publications
    where publication_number = {{ number }}

),

-- A replay has no appeals, so the publication is compared without them.
adjustments as (

    select
        components.hall_id, components.subject_type, components.subject_id, components.dimension,
        sum(components.points) as point_sum
    from publication
    inner join {{ ledger }}.components as components
        on publication.publication_number = components.publication_number
    where components.rule_type = 'appeal'
    group by components.hall_id, components.subject_type, components.subject_id, components.dimension

),

measured_dimensions as (

    select
        dimensions.hall_id, dimensions.subject_type, dimensions.subject_id, dimensions.dimension, dimensions.weight,
        case
            when dimensions.score is not null
                then {{ clamped(
                    'dimensions.unclamped_score - coalesce(adjustments.point_sum, 0)', 'dimensions.min_score',
                    'dimensions.max_score'
                ) }}
        end as score
    from publication
    inner join {{ ledger }}.dimension_scores as dimensions
        on publication.publication_number = dimensions.publication_number
    left join adjustments
        on dimensions.hall_id = adjustments.hall_id
        and dimensions.subject_type = adjustments.subject_type
        and dimensions.subject_id = adjustments.subject_id
        and dimensions.dimension = adjustments.dimension

),

measured_scores as (

    select
        hall_id, subject_type, subject_id,
        {% for dimension in dimension_columns() -%}
        max(case when dimension = '{{ dimension }}' then score end) as {{ dimension }}_score,
        {% endfor -%}
        cast(sum(weight * coalesce(score, 0)) as decimal(12, 6)) as composite_score
    from measured_dimensions
    group by hall_id, subject_type, subject_id

),

published as (

    select
        publication.period_type, publication.period_start, scores.hall_id, scores.subject_type, scores.subject_id,
        scores.case_count, scores.status,
        {% for dimension in dimension_columns() -%}
        measured.{{ dimension }}_score,
        {% endfor -%}
        case when scores.status in ('scored', 'shadow') then measured.composite_score end as composite_score
    from publication
    inner join {{ ledger }}.scores as scores on publication.publication_number = scores.publication_number
    left join measured_scores as measured
        on scores.hall_id = measured.hall_id
        and scores.subject_type = measured.subject_type
        and scores.subject_id = measured.subject_id

),

replayed as (

    select scores.*
    from publication
    inner join {{ ref('scores') }} as scores
        on publication.period_type = scores.period_type and publication.period_start = scores.period_start

)

select
    published.hall_id,
    published.subject_type,
    published.subject_id,
    published.composite_score as published_score,
    replayed.composite_score as replayed_score,
    published.status as published_status,
    replayed.status as replayed_status
from published
left join replayed
    on {{ same_subject_period('published', 'replayed') }}
where
    replayed.subject_id is null
    {% for column in score_names() + ['case_count', 'status'] -%}
    or not published.{{ column }} <=> replayed.{{ column }}
    {% endfor -%}
union all
select
    replayed.hall_id,
    replayed.subject_type,
    replayed.subject_id,
    null as published_score,
    replayed.composite_score as replayed_score,
    null as published_status,
    replayed.status as replayed_status
from replayed
left join published
    on {{ same_subject_period('replayed', 'published') }}
where published.subject_id is null
