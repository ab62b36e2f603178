{{ config(primary_key=['hall_id', 'subject_type', 'subject_id']) }}

{%- set period_types = ['week', 'month', 'quarter', 'year'] %}
{%- set columns = score_names() + ['status', 'rank_in_group'] %}

with

latest_scores as (

    select scores.*, rankings.rank_in_group
    from {{ ref('dim_periods') }} as periods
    inner join {{ ref('standing_scores') }} as scores
        on periods.period_type = scores.period_type and periods.period_start = scores.period_start
    left join {{ ref('rankings') }} as rankings
        on {{ same_subject_period('scores', 'rankings') }}
    where periods.is_latest_closed

),

dimensions as (

    select
        latest.period_type, latest.period_start, latest.hall_id, latest.subject_type, latest.subject_id,
        published.dimension, published.score
    from latest_scores as latest
    inner join {{ ref('published_dimension_scores') }} as published
        on {{ same_subject_period('latest', 'published') }}
        and latest.revision = published.revision
    union all
    select
        latest.period_type, latest.period_start, latest.hall_id, latest.subject_type, latest.subject_id,
        live.dimension, live.score
    from latest_scores as latest
    inner join {{ ref('dimension_scores') }} as live
        on {{ same_subject_period('latest', 'live') }}
    where latest.revision is null

),

dimension_texts as (

    select
        hall_id, subject_type, subject_id, period_type,
        concat(
            '{', group_concat(concat('"', dimension, '": ', score) order by dimension separator ', '), '}'
        ) as dimension_scores
    from dimensions
    where score is not null
    group by hall_id, subject_type, subject_id, period_type

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
        {%- for column in columns -%}
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
    {% for period_type in period_types -%}
    {{ period_type }}_texts.dimension_scores as {{ period_type }}_dimension_scores,
    {% endfor -%}
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
{% for period_type in period_types -%}
left join dimension_texts as {{ period_type }}_texts
    on {{ period_type }}_texts.period_type = '{{ period_type }}'
    and pivoted.hall_id = {{ period_type }}_texts.hall_id
    and pivoted.subject_type = {{ period_type }}_texts.subject_type
    and pivoted.subject_id = {{ period_type }}_texts.subject_id
{% endfor -%}
left join {{ ref('dim_windows') }} as windows
    on pivoted.subject_type = 'window'
    and pivoted.hall_id = windows.hall_id
    and pivoted.subject_id = windows.window_id
left join {{ ref('dim_clerks') }} as clerks
    on pivoted.subject_type = 'clerk'
    and pivoted.hall_id = clerks.hall_id
    and pivoted.subject_id = clerks.clerk_id
