-- The sums that all metrics are made of: one wide row for each subject and period, zero where nothing happened.
{{ config(materialized='incremental') }}

{%- set measures = activity_measures() %}

with

activity as (

    select
        period_type, period_start, hall_id, subject_type, subject_id,
        {{ measures | join(', ') }}
    from {{ ref('int_period_activity') }}
    where {{ in_slices('period_type, period_start') }}
    union all
    select
        periods.period_type, periods.period_start, months.hall_id, months.subject_type, months.subject_id,
        {% for measure in measures -%}
        sum(months.{{ measure }}) as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('int_period_activity') }} as months
        on months.period_type = 'month'
        and months.period_start between periods.period_start and periods.period_end
    where
        periods.period_type in ('quarter', 'year')
        and {{ in_slices('periods.period_type, periods.period_start') }}
    group by periods.period_type, periods.period_start, months.hall_id, months.subject_type, months.subject_id

),

grid as (

    select
        subject_periods.*,
        periods.satisfied_rating,
        periods.case_mix_reference_minutes,
        periods.attribution_minimum_share
    from {{ ref('int_subject_periods') }} as subject_periods
    inner join {{ ref('int_periods') }} as periods
        on subject_periods.period_type = periods.period_type and subject_periods.period_start = periods.period_start
    where {{ in_slices('periods.period_type, periods.period_start') }}

),

merit_days as (

    select merit_date, hall_id, subject_type, subject_id, quantity
    from {{ ref('stg_merit_records') }}
    where outcome in ('counted', 'repaired') and subject_type <> 'hall'
    union all
    -- A hall has the merit of all its subjects.
    select merit_date, hall_id, 'hall' as subject_type, hall_id as subject_id, quantity
    from {{ ref('stg_merit_records') }}
    where outcome in ('counted', 'repaired')

),

merits as (

    select
        days.period_type, days.period_start, merit_days.hall_id, merit_days.subject_type, merit_days.subject_id,
        sum(merit_days.quantity) as merit_quantity
    from merit_days
    inner join {{ ref('int_period_days') }} as days on merit_days.merit_date = days.calendar_date
    where {{ in_slices('days.period_type, days.period_start') }}
    group by
        days.period_type, days.period_start, merit_days.hall_id, merit_days.subject_type, merit_days.subject_id

),

hall_activity as (

    select * from activity where subject_type = 'hall'

),

hall_complaints as (

    select *
    from {{ ref('int_period_complaints') }}
    where subject_type = 'hall' and {{ in_slices('period_type, period_start') }}

)

select
    grid.period_type,
    grid.period_start,
    grid.hall_id,
    grid.subject_type,
    grid.subject_id,
    grid.period_end,
    grid.is_closed,
    grid.case_mix_reference_minutes,
    {#- Stars become star_count; what names its window or clerk only tells what is attributable. -#}
    {% for measure in measures
        if not measure.startswith('star_') and not measure.endswith(('_window_count', '_clerk_count')) -%}
    coalesce(activity.{{ measure }}, 0) as {{ measure }},
    {% endfor -%}
    cast(
        {% for star in [1, 2, 3, 4, 5] -%}
        {{ star }} * coalesce(activity.star_{{ star }}_count, 0){{ " +" if not loop.last }}
        {% endfor -%}
        as signed
    ) as star_count,
    -- Null, not zero, while no parameter says which ratings count as satisfied.
    case
        when grid.satisfied_rating is not null
            then cast(
                {% for star in [1, 2, 3, 4, 5] -%}
                case
                    when grid.satisfied_rating <= {{ star }} then coalesce(activity.star_{{ star }}_count, 0) else 0
                end
                {{- " +" if not loop.last }}
                {% endfor -%}
                as signed
            )
    end as satisfied_count,
    -- Null, not zero, where nobody waited or no target is in force.
    waits.within_target_count,
    waits.p90_wait_minutes,
    {% for column in ['complaint_count', 'upheld_count', 'due_count', 'timely_count'] -%}
    coalesce(complaints.{{ column }}, 0) as {{ column }},
    {% endfor -%}
    {% for column in ['callback_due_count', 'callback_count'] -%}
    coalesce(callbacks.{{ column }}, 0) as {{ column }},
    {% endfor -%}
    -- Null, not zero, where the hall keeps no such records.
    cast(
        {{ 'coalesce(merits.merit_quantity, 0)' if raw_columns_of('merit_records') else 'null' }} as decimal(20, 10)
    ) as merit_quantity,
    {#- Only counter cases tell: one handled online or at a machine rightly names no clerk.
        Without a row there is nothing that could have named the wrong one. -#}
    {%- for table_name, hall_rows, row_count in [
        ('case', 'hall_activity', 'counter_count'),
        ('rating', 'hall_activity', 'rating_count'),
        ('complaint', 'hall_complaints', 'complaint_count'),
    ] -%}
    coalesce(
        case
            when grid.subject_type in ('window', 'department') then {{ hall_rows }}.{{ table_name }}_window_count
            when grid.subject_type = 'clerk' then {{ hall_rows }}.{{ table_name }}_clerk_count
        end >= {{ hall_rows }}.{{ row_count }} * grid.attribution_minimum_share,
        1
    ) as {{ table_name }}s_attributable{{ "," if not loop.last }}
    {% endfor -%}
from grid
left join activity
    on {{ same_subject_period('grid', 'activity') }}
left join {{ ref('int_period_waits') }} as waits
    on {{ same_subject_period('grid', 'waits') }}
left join {{ ref('int_period_complaints') }} as complaints
    on {{ same_subject_period('grid', 'complaints') }}
left join {{ ref('int_period_callbacks') }} as callbacks
    on {{ same_subject_period('grid', 'callbacks') }}
left join merits
    on {{ same_subject_period('grid', 'merits') }}
left join hall_activity
    on grid.period_type = hall_activity.period_type
    and grid.period_start = hall_activity.period_start
    and grid.hall_id = hall_activity.hall_id
left join hall_complaints
    on grid.period_type = hall_complaints.period_type
    and grid.period_start = hall_complaints.period_start
    and grid.hall_id = hall_complaints.hall_id
