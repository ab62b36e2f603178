{%- set columns = raw_columns_of('complaints', ['complaint_date', 'complaint_time', 'resolution_time']) %}
{%- set ids = ['complaint_id', 'hall_id', 'window_id', 'clerk_id'] %}

with

source_rows as (

    select
        {{ raw_date(columns, 'complaint_date') }} as recorded_date,
        {{ raw_datetime(columns, 'complaint_time') }} as complaint_time,
        {{ raw_datetime(columns, 'resolution_time') }} as recorded_resolution_time,
        {{ raw_id(columns, 'complaint_id') }} as complaint_id,
        coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_id(columns, 'window_id') }} as window_id,
        {{ raw_id(columns, 'clerk_id') }} as clerk_id,
        {{ raw_text(columns, 'category', 255) }} as category,
        {{ citizen_text(columns, 'description') }} as description,
        {{ raw_number(columns, 'is_upheld') }} as recorded_is_upheld,
        {{ raw_datetime(columns, 'callback_time') }} as recorded_callback_time,
        {{ is_unreadable_time(columns, ['callback_time']) }} as has_unreadable_callback,
        {{ is_unreadable_time(columns, ['complaint_time', 'resolution_time']) }} as has_unreadable_time,
        {{ id_issue(columns, ids) }} as id_issue,
        {{ has_long_id(columns, ids) }} as has_long_id
    from {{ raw_table('complaints', columns) }}

),

dated as (

    select
        source_rows.*,
        coalesce(recorded_date, cast(complaint_time as date)) as complaint_date,
        nullif(concat_ws('\n', category, description), '') as complaint_text,
        case when recorded_is_upheld in (0, 1) then recorded_is_upheld end as is_upheld,
        case
            when recorded_resolution_time < {{ as_of_moment() }} then recorded_resolution_time
        end as resolution_time,
        case
            when recorded_callback_time < {{ as_of_moment() }} then recorded_callback_time
        end as callback_time
    from source_rows

),

repaired as (

    select
        dated.*,
        coalesce(
            dated.complaint_date > {{ as_of_date() }} or dated.complaint_time >= {{ as_of_moment() }}, 0
        ) as is_not_yet,
        coalesce(
            dated.resolution_time
            < dated.complaint_time - interval coalesce(tolerance.parameter_value * 60, 0) second, 0
        ) as resolved_before_complaint,
        coalesce(
            dated.callback_time
            < coalesce(dated.complaint_time, cast(dated.complaint_date as datetime(6)))
            - interval coalesce(tolerance.parameter_value * 60, 0) second, 0
        ) as called_before_complaint
    from dated
    left join {{ ref('stg_metric_parameters') }} as tolerance
        on tolerance.parameter = 'clock_tolerance_minutes'
        and dated.complaint_date between tolerance.valid_from and tolerance.valid_to

),

judged as (

    select
        repaired.*,
        case
            when complaint_date is null then 'bad_complaint_date'
        end as row_reject_reason,
        nullif(concat_ws(
            ', ',
            case when resolved_before_complaint then 'resolution_before_complaint' end,
            case when complaint_time is null then 'no_complaint_time' end,
            case when has_unreadable_time or has_unreadable_callback then 'unreadable_time' end,
            id_issue,
            case when has_long_id then 'long_id' end,
            case when called_before_complaint then 'callback_before_complaint' end
        ), '') as issue
    from repaired

),

numbered as (

    select
        judged.*,
        row_number() over (
            partition by complaint_date, hall_id, complaint_id, row_reject_reason, is_not_yet
            order by complaint_time, resolution_time, window_id, clerk_id, category, is_upheld, callback_time,
                complaint_text, issue, has_unreadable_time
        ) as copy_number
    from judged

),

rejected as (

    select
        numbered.*,
        {{ reject_reason('complaint_id') }} as reject_reason
    from numbered

)

select
    complaint_date,
    complaint_id,
    hall_id,
    window_id,
    clerk_id,
    category,
    complaint_text,
    complaint_time,
    -- Within the clock tolerance, a resolution before its complaint counts as immediate.
    case when not resolved_before_complaint then greatest(resolution_time, complaint_time) end as resolution_time,
    case when not called_before_complaint then callback_time end as callback_time,
    is_upheld,
    -- Whether the times show if it was handled in time.
    complaint_time is not null and not resolved_before_complaint and not has_unreadable_time as is_timed,
    not has_unreadable_callback and not called_before_complaint as is_callback_timed,
    reject_reason,
    issue,
    {{ row_outcome('is_not_yet') }} as outcome
from rejected
