{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    partition_by_month='service_date',
    version='case_version',
    indexes=[['service_date']],
) }}

select
    service_date,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    outcome,
    reason,
    has_repeated_id,
    count(*) as case_count,
    cast(sum(process_minutes) as decimal(30, 10)) as process_minutes,
    cast(sum(is_completed) as signed) as completed_count,
    cast(sum(channel is not null) as signed) as known_channel_count,
    cast(sum(coalesce(channel in ('self_service', 'online'), 0)) as signed) as digital_count,
    cast(sum(coalesce(channel = 'window', 1)) as signed) as counter_count,
    count(wait_minutes) as wait_count,
    cast(coalesce(sum(wait_minutes), 0) as decimal(30, 10)) as wait_minutes
from {{ ref('int_cases') }}
where {{ in_slices('service_date') }}
group by service_date, hall_id, window_id, clerk_id, item_code, outcome, reason, has_repeated_id
