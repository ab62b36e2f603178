-- Daily measures by subject. Halls are not the sum of their windows: a row that
-- names no window counts for the hall alone.
{{ config(
    materialized='incremental',
    slice_by=['activity_date'],
    partition_by_month='activity_date',
    version='day_version',
    primary_key=['activity_date', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'activity_date']],
) }}

with

cases as (

    select
        items.service_date as activity_date,
        items.hall_id,
        windows.department,
        items.window_id,
        items.clerk_id,
        items.item_code,
        items.case_count,
        items.process_minutes,
        items.completed_count,
        items.known_channel_count,
        items.digital_count,
        items.counter_count,
        case when items.window_id is not null then items.counter_count else 0 end as case_window_count,
        case when items.clerk_id is not null then items.counter_count else 0 end as case_clerk_count,
        case when standards.item_code is not null then items.case_count else 0 end as standard_case_count,
        case when standards.item_code is not null then items.process_minutes else 0 end as standard_case_minutes,
        coalesce(items.case_count * standards.standard_minutes, 0) as expected_minutes
    from {{ ref('daily_items') }} as items
    left join {{ ref('stg_windows') }} as windows
        on items.hall_id = windows.hall_id and items.window_id = windows.window_id
    left join {{ ref('stg_item_standards') }} as standards
        on items.item_code = standards.item_code
        and items.service_date between standards.valid_from and standards.valid_to
    where items.outcome in ('counted', 'repaired') and {{ in_slices('items.service_date') }}

),

ratings as (

    select
        feedback.*,
        windows.department,
        case when feedback.window_id is not null then feedback.rating_count else 0 end as rating_window_count,
        case when feedback.clerk_id is not null then feedback.rating_count else 0 end as rating_clerk_count
    from {{ ref('daily_feedback') }} as feedback
    left join {{ ref('stg_windows') }} as windows
        on feedback.hall_id = windows.hall_id and feedback.window_id = windows.window_id
    where {{ in_slices('feedback.feedback_date') }}

),

subject_activity as (

    {% for subject_type, subject_column in dict(scored_subjects(), item='item_code').items() -%}
    select
        activity_date,
        hall_id,
        '{{ subject_type }}' as subject_type,
        {{ subject_column }} as subject_id,
        case_count,
        process_minutes,
        completed_count,
        known_channel_count,
        digital_count,
        counter_count,
        case_window_count,
        case_clerk_count,
        standard_case_count,
        standard_case_minutes,
        expected_minutes,
        0 as rating_count,
        0 as rating_window_count,
        0 as rating_clerk_count,
        0 as star_1_count,
        0 as star_2_count,
        0 as star_3_count,
        0 as star_4_count,
        0 as star_5_count
    from cases
    where {{ subject_column }} is not null
    union all
    {% endfor -%}
    {%- for subject_type, subject_column in scored_subjects().items() -%}
    select
        feedback_date as activity_date,
        hall_id,
        '{{ subject_type }}' as subject_type,
        {{ subject_column }} as subject_id,
        0 as case_count,
        0 as process_minutes,
        0 as completed_count,
        0 as known_channel_count,
        0 as digital_count,
        0 as counter_count,
        0 as case_window_count,
        0 as case_clerk_count,
        0 as standard_case_count,
        0 as standard_case_minutes,
        0 as expected_minutes,
        rating_count,
        rating_window_count,
        rating_clerk_count,
        star_1_count,
        star_2_count,
        star_3_count,
        star_4_count,
        star_5_count
    from ratings
    where {{ subject_column }} is not null
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    activity_date,
    hall_id,
    cast(subject_type as char(16)) as subject_type,
    cast(subject_id as char(64)) as subject_id,
    cast(sum(case_count) as signed) as case_count,
    cast(sum(process_minutes) as decimal(30, 10)) as process_minutes,
    cast(sum(completed_count) as signed) as completed_count,
    cast(sum(known_channel_count) as signed) as known_channel_count,
    cast(sum(digital_count) as signed) as digital_count,
    cast(sum(counter_count) as signed) as counter_count,
    cast(sum(case_window_count) as signed) as case_window_count,
    cast(sum(case_clerk_count) as signed) as case_clerk_count,
    cast(sum(standard_case_count) as signed) as standard_case_count,
    cast(sum(standard_case_minutes) as decimal(30, 10)) as standard_case_minutes,
    cast(sum(expected_minutes) as decimal(30, 10)) as expected_minutes,
    cast(sum(rating_count) as signed) as rating_count,
    cast(sum(rating_window_count) as signed) as rating_window_count,
    cast(sum(rating_clerk_count) as signed) as rating_clerk_count,
    {% for star in [1, 2, 3, 4, 5] -%}
    cast(sum(star_{{ star }}_count) as signed) as star_{{ star }}_count{{ "," if not loop.last }}
    {% endfor -%}
from subject_activity
group by activity_date, hall_id, subject_type, subject_id
