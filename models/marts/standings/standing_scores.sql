-- The official score: of the latest revision where the period is published, otherwise the live one. A subject that
-- a published period does not contain has no official score there; publication_drift names it.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    plan='plan_rankings',
    version='standing_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}
-- depends_on: {{ ref('plan_rankings') }}
{%- set columns = ['rule_set', 'peer_group'] + score_names() + [
    'case_count', 'rating_count', 'complaint_count', 'status', 'is_provisional', 'rule_book_hash',
] %}

with

-- A preview compares live scores only.
latest_publications as (

    select period_type, period_start, period_end, publication_number, revision
    from {{ ref('publications') }}
    where
        is_latest
        {% if var('scratch_schema') %}and 1 = 0{% endif %}
        and {{ in_slices('period_type, period_start') }}

),

published as (

    select
        latest.period_type,
        latest.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        latest.period_end,
        latest.revision,
        scores.department,
        scores.{{ columns | join(',\n        scores.') }}
    from latest_publications as latest
    inner join {{ source('ledger', 'scores') }} as scores on latest.publication_number = scores.publication_number

),

live as (

    select
        scores.period_type,
        scores.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        scores.period_end,
        latest.revision,
        case scores.subject_type
            when 'department' then scores.subject_id
            when 'window' then windows.department
        end as department,
        scores.{{ columns | join(',\n        scores.') }}
    from {{ ref('scores') }} as scores
    left join latest_publications as latest
        on scores.period_type = latest.period_type and scores.period_start = latest.period_start
    left join {{ ref('dim_windows') }} as windows
        on scores.subject_type = 'window'
        and scores.hall_id = windows.hall_id
        and scores.subject_id = windows.window_id
    where latest.revision is null and {{ in_slices('scores.period_type, scores.period_start') }}

)

select published.*, '{{ invocation_id }}' as build_id from published
union all
select live.*, '{{ invocation_id }}' as build_id from live
