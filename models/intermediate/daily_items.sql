-- The only model that reads the whole service log; it holds no threshold, so
-- that a changed rule needs no recount.
{{ config(indexes=[['service_date']]) }}

select
    service_date,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    count(*) as case_count,
    cast(sum(process_minutes) as decimal(30, 10)) as process_minutes,
    cast(sum(is_completed) as signed) as completed_count,
    cast(sum(channel is not null) as signed) as known_channel_count,
    cast(sum(coalesce(channel in ('self_service', 'online'), 0)) as signed) as digital_count,
    cast(sum(coalesce(channel = 'window', 1)) as signed) as counter_count
from {{ ref('stg_service_log') }}
where outcome in ('counted', 'repaired')
group by service_date, hall_id, window_id, clerk_id, item_code
