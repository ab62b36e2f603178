{{ config(primary_key=['hall_id', 'subject_type', 'subject_id']) }}

{%- set period_types = ['week', 'month', 'quarter', 'year'] %}

with

latest_periods as (

    select period_type, period_start
    from {{ ref('dim_periods') }}
    where is_latest_closed

),

latest_scores as (

    select
        scores.period_type,
        scores.period_start,
        scores.hall_id,
        scores.subject_type,
        scores.subject_id,
        {% for column in [
            'composite_score', 'efficiency_score', 'satisfaction_score', 'digital_score', 'status',
        ] -%}
        case
            when publications.publication_number is null then scores.{{ column }} else published.{{ column }}
        end as {{ column }},
        {% endfor -%}
        rankings.rank_in_group
    from {{ ref('scores') }} as scores
    inner join latest_periods
        on scores.period_type = latest_periods.period_type and scores.period_start = latest_periods.period_start
    left join {{ ref('publications') }} as publications
        on scores.period_type = publications.period_type
        and scores.period_start = publications.period_start
        and publications.is_latest
    left join {{ source('ledger', 'scores') }} as published
        on publications.publication_number = published.publication_number
        and scores.hall_id = published.hall_id
        and scores.subject_type = published.subject_type
        and scores.subject_id = published.subject_id
    left join {{ ref('rankings') }} as rankings
        on {{ same_subject_period('scores', 'rankings') }}
    union all
    -- What was published stays, also of a subject that has no live score any more.
    select
        latest_periods.period_type,
        latest_periods.period_start,
        published.hall_id,
        published.subject_type,
        published.subject_id,
        published.composite_score,
        published.efficiency_score,
        published.satisfaction_score,
        published.digital_score,
        published.status,
        rankings.rank_in_group
    from latest_periods
    inner join {{ ref('publications') }} as publications
        on latest_periods.period_type = publications.period_type
        and latest_periods.period_start = publications.period_start
        and publications.is_latest
    inner join {{ source('ledger', 'scores') }} as published
        on publications.publication_number = published.publication_number
    left join {{ ref('scores') }} as scores
        on latest_periods.period_type = scores.period_type
        and latest_periods.period_start = scores.period_start
        and published.hall_id = scores.hall_id
        and published.subject_type = scores.subject_type
        and published.subject_id = scores.subject_id
    left join {{ ref('rankings') }} as rankings
        on latest_periods.period_type = rankings.period_type
        and latest_periods.period_start = rankings.period_start
        and published.hall_id = rankings.hall_id
        and published.subject_type = rankings.subject_type
        and published.subject_id = rankings.subject_id
    where scores.subject_id is null

),

pivoted as (

    select
        hall_id,
        subject_type,
        subject_id
        {%- for period_type in period_types -%}
        ,
        {{ date_aggregate('max', "case when period_type = '" ~ period_type ~ "' then period_start end") }}
            as {{ period_type }}_start
        {%- for column in [
            'composite_score', 'efficiency_score', 'satisfaction_score', 'digital_score', 'status',
            'rank_in_group',
        ] -%}
        ,
        max(case when period_type = '{{ period_type }}' then {{ column }} end)
            as {{ period_type }}_{{ column }}
        {%- endfor -%}
        {%- endfor %}
    from latest_scores
    group by hall_id, subject_type, subject_id

)

select
    pivoted.*,
    halls.hall_name,
    coalesce(
        case when pivoted.subject_type = 'hall' then halls.hall_name end,
        windows.window_name,
        clerks.clerk_name,
        pivoted.subject_id
    ) as subject_name,
    '{{ invocation_id }}' as build_id
from pivoted
inner join {{ ref('dim_halls') }} as halls on pivoted.hall_id = halls.hall_id
left join {{ ref('dim_windows') }} as windows
    on pivoted.subject_type = 'window'
    and pivoted.hall_id = windows.hall_id
    and pivoted.subject_id = windows.window_id
left join {{ ref('dim_clerks') }} as clerks
    on pivoted.subject_type = 'clerk'
    and pivoted.hall_id = clerks.hall_id
    and pivoted.subject_id = clerks.clerk_id
