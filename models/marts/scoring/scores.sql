{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='score_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

with

composites as (

    select
        period_type,
        period_start,
        hall_id,
        subject_type,
        subject_id,
        {% for dimension in dimension_columns() -%}
        max(case when dimension = '{{ dimension }}' then score end) as {{ dimension }}_score,
        {% endfor -%}
        case
            when sum(weight > 0 and score is null) = 0 then sum(weight * coalesce(score, 0))
        end as composite_score,
        max(weight > 0 and score is null and has_small_sample) as has_small_sample,
        min(is_exempt or weight = 0) as is_exempt
    from {{ ref('dimension_scores') }}
    where {{ in_slices('period_type, period_start') }}
    group by period_type, period_start, hall_id, subject_type, subject_id

),

-- Halls in the shadow time of a pilot are scored but not ranked.
shadow_halls as (

    select distinct periods.period_type, periods.period_start, pilots.hall_id
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('stg_pilots') }} as pilots
        on periods.period_start between pilots.go_live and pilots.shadow_until
    where {{ in_slices('periods.period_type, periods.period_start') }}

),

judged as (

    select
        grid.*,
        composites.{{ score_names() | join(',\n        composites.') }},
        measures.case_count,
        measures.rating_count,
        measures.complaint_count,
        books.rule_book_hash,
        coalesce(audits.is_below_minimum, 0) as is_audited_below,
        case
            when books.rule_book_hash is null or composites.subject_id is null then 'no_rules'
            when composites.is_exempt then 'exempt'
            when measures.case_count + measures.rating_count + measures.complaint_count = 0 then 'no_business'
            when composites.composite_score is not null and shadow_halls.hall_id is not null then 'shadow'
            when composites.composite_score is not null then 'scored'
            when composites.has_small_sample then 'insufficient_sample'
            else 'incomplete'
        end as status
    from {{ ref('int_subject_periods') }} as grid
    inner join {{ ref('int_period_measures') }} as measures
        on {{ same_subject_period('grid', 'measures') }}
    left join composites
        on {{ same_subject_period('grid', 'composites') }}
    left join {{ ref('int_rule_book_hashes') }} as books
        on grid.rule_set = books.rule_set
        and grid.period_type = books.period_type
        and grid.period_start = books.period_start
    left join shadow_halls
        on grid.period_type = shadow_halls.period_type
        and grid.period_start = shadow_halls.period_start
        and grid.hall_id = shadow_halls.hall_id
    left join {{ ref('int_period_audits') }} as audits
        on grid.period_type = audits.period_type
        and grid.period_start = audits.period_start
        and grid.hall_id = audits.hall_id
        and audits.auditor = '*'
    where grid.subject_type <> 'item' and {{ in_slices('grid.period_type, grid.period_start') }}

)

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    period_end,
    is_closed,
    rule_set,
    peer_group,
    cast(case when status in ('scored', 'shadow') then composite_score end as decimal(12, 6)) as composite_score,
    {% for dimension in dimension_columns() -%}
    {{ dimension }}_score,
    {% endfor -%}
    case_count,
    rating_count,
    complaint_count,
    cast(status as char(24)) as status,
    not is_closed or is_audited_below as is_provisional,
    rule_book_hash,
    '{{ invocation_id }}' as build_id
from judged
