{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id']) }}

{%- set measured = ['case_count', 'rating_count', 'complaint_count', 'status', 'is_provisional'] -%}
{%- set organised = ['department', 'rule_set', 'rule_book_hash', 'peer_group'] %}

with

latest_publications as (

    select period_type, period_start, publication_number, revision, format_version
    from {{ ref('publications') }}
    where is_latest

),

-- Live scores contain no appeals, so published scores are compared without them.
adjustments as (

    select
        components.publication_number, components.hall_id, components.subject_type, components.subject_id,
        components.dimension, sum(components.points) as point_sum
    from latest_publications
    inner join {{ source('ledger', 'components') }} as components
        on latest_publications.publication_number = components.publication_number
    where components.rule_type = 'appeal'
    group by
        components.publication_number, components.hall_id, components.subject_type, components.subject_id,
        components.dimension

),

adjusted_subjects as (

    select distinct publication_number, hall_id, subject_type, subject_id from adjustments

),

scores_without_appeals as (

    select
        dimensions.publication_number, dimensions.hall_id, dimensions.subject_type, dimensions.subject_id,
        cast(sum(dimensions.weight * {{ clamped(
            'dimensions.unclamped_score - coalesce(adjustments.point_sum, 0)', 'dimensions.min_score',
            'dimensions.max_score'
        ) }}) as decimal(12, 6)) as composite_score
    from adjusted_subjects
    inner join {{ source('ledger', 'dimension_scores') }} as dimensions
        on adjusted_subjects.publication_number = dimensions.publication_number
        and adjusted_subjects.hall_id = dimensions.hall_id
        and adjusted_subjects.subject_type = dimensions.subject_type
        and adjusted_subjects.subject_id = dimensions.subject_id
    left join adjustments
        on dimensions.publication_number = adjustments.publication_number
        and dimensions.hall_id = adjustments.hall_id
        and dimensions.subject_type = adjustments.subject_type
        and dimensions.subject_id = adjustments.subject_id
        and dimensions.dimension = adjustments.dimension
    group by
        dimensions.publication_number, dimensions.hall_id, dimensions.subject_type, dimensions.subject_id

),

published as (

    select
        latest_publications.period_type,
        latest_publications.period_start,
        latest_publications.revision,
        latest_publications.format_version,
        scores.*,
        case
            when scores.status in ('scored', 'shadow')
                then coalesce(scores_without_appeals.composite_score, scores.composite_score)
        end as measured_score
    from latest_publications
    inner join {{ source('ledger', 'scores') }} as scores
        on latest_publications.publication_number = scores.publication_number
    left join scores_without_appeals
        on scores.publication_number = scores_without_appeals.publication_number
        and scores.hall_id = scores_without_appeals.hall_id
        and scores.subject_type = scores_without_appeals.subject_type
        and scores.subject_id = scores_without_appeals.subject_id

),

live as (

    select
        scores.*,
        latest_publications.revision,
        case when scores.subject_type = 'department' then scores.subject_id else windows.department end as department
    from latest_publications
    inner join {{ ref('scores') }} as scores
        on latest_publications.period_type = scores.period_type
        and latest_publications.period_start = scores.period_start
    left join {{ ref('dim_windows') }} as windows
        on scores.subject_type = 'window'
        and scores.hall_id = windows.hall_id
        and scores.subject_id = windows.window_id

),

compared as (

    select
        published.period_type,
        published.period_start,
        published.hall_id,
        published.subject_type,
        published.subject_id,
        published.revision,
        published.measured_score as published_score,
        live.composite_score as live_score,
        published.status as published_status,
        live.status as live_status,
        nullif(concat_ws(
            ', ',
            case when live.hall_id is null then 'not live' end,
            case
                when live.hall_id is not null and not published.measured_score <=> live.composite_score
                    then 'composite_score'
            end
            {%- for column in measured + organised -%}
            ,
            case
                when
                    live.hall_id is not null
                    {#- Rule books of an older format were hashed in another way. -#}
                    {% if column == 'rule_book_hash' %} and published.format_version = {{ ledger_format() }}{% endif %}
                    and not published.{{ column }} <=> live.{{ column }}
                    then '{{ column }}'
            end
            {%- endfor %}
        ), '') as differences
    from published
    left join live
        on {{ same_subject_period('published', 'live') }}
    union all
    select
        live.period_type,
        live.period_start,
        live.hall_id,
        live.subject_type,
        live.subject_id,
        live.revision,
        null as published_score,
        live.composite_score as live_score,
        null as published_status,
        live.status as live_status,
        'not published' as differences
    from live
    left join published
        on {{ same_subject_period('live', 'published') }}
    where published.hall_id is null

)

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    revision,
    cast(differences as char(255)) as differences,
    published_score,
    live_score,
    cast(live_score - published_score as decimal(12, 6)) as score_change,
    published_status,
    live_status,
    '{{ invocation_id }}' as build_id
from compared
where differences is not null
