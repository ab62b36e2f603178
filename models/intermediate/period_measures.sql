-- All sums that metrics divide, one wide row a subject and period, zero where nothing happened.
{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id']) }}

{%- set activity_columns = [
    'case_count', 'process_minutes', 'completed_count', 'known_channel_count', 'digital_count', 'standard_case_count',
    'standard_case_minutes', 'expected_minutes', 'rating_count', 'star_count',
] %}

select
    grid.period_type,
    grid.period_start,
    grid.hall_id,
    grid.subject_type,
    grid.subject_id,
    grid.period_end,
    grid.is_closed,
    periods.case_mix_reference_minutes,
    -- Null, not zero, while no rating is yet said to count as satisfied.
    case when periods.satisfied_rating is not null then coalesce(activity.satisfied_count, 0) end as satisfied_count,
    {% for column in activity_columns -%}
    coalesce(activity.{{ column }}, 0) as {{ column }},
    {% endfor -%}
    {%- for column in ['complaint_count', 'due_count', 'timely_count'] -%}
    coalesce(complaints.{{ column }}, 0) as {{ column }},
    {% endfor -%}
    {#- Without a row there is nothing that could have named the wrong one. -#}
    {%- for table_name in ['case', 'rating', 'complaint'] -%}
    coalesce(
        case
            when grid.subject_type in ('window', 'department')
                then attribution.{{ table_name }}_window_count
            when grid.subject_type = 'clerk' then attribution.{{ table_name }}_clerk_count
        end >= attribution.{{ table_name }}_row_count * periods.attribution_minimum_share,
        1
    ) as {{ table_name }}s_attributable{{ "," if not loop.last }}
    {% endfor -%}
from {{ ref('subject_periods') }} as grid
inner join {{ ref('periods') }} as periods
    on grid.period_type = periods.period_type and grid.period_start = periods.period_start
left join {{ ref('period_activity') }} as activity
    on {{ same_subject_period('grid', 'activity') }}
left join {{ ref('period_complaints') }} as complaints
    on {{ same_subject_period('grid', 'complaints') }}
left join {{ ref('period_attribution') }} as attribution
    on grid.period_type = attribution.period_type
    and grid.period_start = attribution.period_start
    and grid.hall_id = attribution.hall_id
