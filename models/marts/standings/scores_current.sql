{{ config(primary_key=['hall_id', 'subject_type', 'subject_id']) }}

{%- set period_types = ['week', 'month', 'quarter', 'year'] %}
{%- set columns = [
    'composite_score', 'efficiency_score', 'satisfaction_score', 'digital_score', 'status', 'rank_in_group',
] %}

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
