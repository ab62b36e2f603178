-- One row a complaint. There are few, so the whole table is read. The deadline is applied later, in the measures.
{{ config(indexes=[['complaint_date']]) }}

select
    complaint_date,
    complaint_id,
    hall_id,
    window_id,
    clerk_id,
    category,
    cast(sha2(complaint_text, 256) as char(64)) as text_hash,
    is_upheld,
    is_timed,
    resolution_time is not null as is_resolved,
    cast(
        timestampdiff(microsecond, complaint_time, coalesce(resolution_time, {{ as_of_moment() }}))
        as decimal(30, 10)
    ) / 3600000000 as hours_open,
    is_callback_timed,
    callback_time is not null as is_called_back,
    -- Without a time, the deadline runs from the end of the day.
    cast(
        timestampdiff(
            microsecond,
            coalesce(complaint_time, date_add(cast(complaint_date as datetime(6)), interval 1 day)),
            coalesce(callback_time, {{ as_of_moment() }})
        ) as decimal(30, 10)
    ) / 3600000000 as hours_to_callback
from {{ ref('stg_complaints') }}
where outcome in ('counted', 'repaired') and coalesce(is_upheld, 1) = 1
