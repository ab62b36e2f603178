-- 复算：按当时的原始数据重新构建后，与已公布的得分逐行比较；结果应为空。见 docs/publication.md。
-- Replay: a build from the raw logs as they were, beside what was published; no row should come back.
-- dbt compile -s replay_differences --vars '{published_schema: hall_scores, publication_number: 4}'
{%- set ledger = "`" ~ var('published_schema', target.schema) ~ "_ledger`" -%}
{%- set number = var('publication_number', 1) %}

with

publication as (

    select publication_number, period_type, period_start
    from {{ ledger }}.publications
    where publication_number = {{ number }}

),

published as (

    select publication.period_type, publication.period_start, scores.*
    from publication
    inner join {{ ledger }}.scores as scores on publication.publication_number = scores.publication_number

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
    {% for column in [
        'composite_score', 'efficiency_score', 'satisfaction_score', 'digital_score', 'case_count', 'status',
    ] -%}
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
