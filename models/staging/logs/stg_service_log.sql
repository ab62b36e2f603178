-- Each case with its outcome, for questions about single cases. `int_cases` counts the same way, but checks only
-- log ids that occur twice on a day.

with

numbered as (

    select
        cases.*,
        {{ case_copy_number() }} as copy_number
    from {{ ref('base_service_log') }} as cases

),

rejected as (

    select
        numbered.*,
        {{ reject_reason('log_id') }} as reject_reason
    from numbered

)

select
    service_date,
    log_id,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    channel,
    ticket_time,
    start_time,
    end_time,
    process_minutes,
    is_completed,
    reject_reason,
    issue,
    {{ row_outcome('coalesce(service_date > ' ~ as_of_date() ~ ', 0)') }} as outcome
from rejected
