-- Cases and ratings of each subject and period.
{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id']) }}

select
    days.period_type,
    days.period_start,
    activity.hall_id,
    activity.subject_type,
    activity.subject_id,
    cast(sum(activity.case_count) as signed) as case_count,
    cast(sum(activity.process_minutes) as decimal(30, 10)) as process_minutes,
    cast(sum(activity.completed_count) as signed) as completed_count,
    cast(sum(activity.known_channel_count) as signed) as known_channel_count,
    cast(sum(activity.digital_count) as signed) as digital_count,
    cast(sum(activity.standard_case_count) as signed) as standard_case_count,
    cast(sum(activity.standard_case_minutes) as decimal(30, 10)) as standard_case_minutes,
    cast(sum(activity.expected_minutes) as decimal(30, 10)) as expected_minutes,
    cast(sum(activity.rating_count) as signed) as rating_count,
    cast(sum(
        activity.star_1_count + 2 * activity.star_2_count + 3 * activity.star_3_count
        + 4 * activity.star_4_count + 5 * activity.star_5_count
    ) as signed) as star_count,
    cast(sum(
        {% for star in [1, 2, 3, 4, 5] -%}
        case when periods.satisfied_rating <= {{ star }} then activity.star_{{ star }}_count else 0 end
        {{- " +" if not loop.last }}
        {% endfor -%}
    ) as signed) as satisfied_count
from {{ ref('subject_days') }} as activity
inner join {{ ref('period_days') }} as days on activity.activity_date = days.calendar_date
inner join {{ ref('periods') }} as periods
    on days.period_type = periods.period_type and days.period_start = periods.period_start
group by days.period_type, days.period_start, activity.hall_id, activity.subject_type, activity.subject_id
