-- The only model that reads the service log row by row; it holds no threshold, so
-- that a changed rule needs no recount.
{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    partition_by_month='service_date',
    version='case_version',
    indexes=[['service_date']],
) }}

with

cases as (

    select
        service_log.*,
        case outcome when 'rejected' then reject_reason when 'repaired' then issue end as reason
    from {{ ref('stg_service_log') }} as service_log
    where {{ in_slices('service_log.service_date') }}

)

select
    service_date,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    cast(outcome as char(16)) as outcome,
    cast(reason as char(255)) as reason,
    count(*) as case_count,
    cast(sum(process_minutes) as decimal(30, 10)) as process_minutes,
    cast(sum(is_completed) as signed) as completed_count,
    cast(sum(channel is not null) as signed) as known_channel_count,
    cast(sum(coalesce(channel in ('self_service', 'online'), 0)) as signed) as digital_count,
    cast(sum(coalesce(channel = 'window', 1)) as signed) as counter_count
from cases
group by service_date, hall_id, window_id, clerk_id, item_code, outcome, reason
