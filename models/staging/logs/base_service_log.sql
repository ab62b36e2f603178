-- Each case as it was logged: typed, repaired, and judged by itself. Which of several rows with one
-- log id counts is decided after this, so that a join or a filter still reaches the table's index.
{%- set columns = raw_columns_of('service_log', ['service_date', 'process_time', 'is_completed']) %}

with

source_rows as (

    select
        {{ raw_date(columns, 'service_date') }} as service_date,
        {{ raw_number(columns, 'process_time') }} as recorded_minutes,
        {{ raw_number(columns, 'is_completed') }} as is_completed,
        {{ raw_text(columns, 'log_id') }} as log_id,
        {{ '`log_id`' if is_plain_text(columns, 'log_id') else raw_text(columns, 'log_id') }} as recorded_log_id,
        coalesce({{ raw_text(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_text(columns, 'window_id') }} as window_id,
        {{ raw_text(columns, 'clerk_id') }} as clerk_id,
        {{ raw_text(columns, 'item_code') }} as item_code,
        {{ raw_text(columns, 'channel') }} as recorded_channel,
        {{ raw_datetime(columns, 'ticket_time') }} as ticket_time,
        {{ raw_datetime(columns, 'start_time') }} as recorded_start_time,
        {{ raw_datetime(columns, 'end_time') }} as recorded_end_time,
        {{ is_unreadable_time(columns, ['ticket_time', 'start_time', 'end_time']) }} as has_unreadable_time
    from {{ raw_table('service_log', columns) }}

),

repaired as (

    select
        service_date,
        log_id,
        recorded_log_id,
        hall_id,
        window_id,
        clerk_id,
        item_code,
        is_completed,
        ticket_time,
        has_unreadable_time,
        recorded_minutes,
        recorded_channel,
        case when recorded_channel in ('window', 'self_service', 'online') then recorded_channel end as channel,
        coalesce(recorded_end_time < recorded_start_time, 0) as ends_before_start,
        case when coalesce(recorded_end_time >= recorded_start_time, 1) then recorded_start_time end as start_time,
        case when coalesce(recorded_end_time >= recorded_start_time, 1) then recorded_end_time end as end_time,
        case
            when recorded_minutes >= 0 then cast(recorded_minutes as decimal(20, 10))
            when recorded_end_time >= recorded_start_time
                then cast(
                    cast(timestampdiff(microsecond, recorded_start_time, recorded_end_time) as decimal(30, 10))
                    / 60000000 as decimal(20, 10)
                )
        end as process_minutes,
        cast(
            cast(timestampdiff(
                microsecond,
                ticket_time,
                case when coalesce(recorded_end_time >= recorded_start_time, 1) then recorded_start_time end
            ) as decimal(30, 10)) / 60000000 as decimal(20, 10)
        ) as recorded_wait
    from source_rows

)

select
    repaired.*,
    -- A wait that cannot be is unknown; the case itself counts.
    case
        when repaired.recorded_wait between 0 and coalesce(longest_wait.parameter_value, repaired.recorded_wait)
            then repaired.recorded_wait
    end as wait_minutes,
    case
        when repaired.service_date is null or repaired.service_date < '1900-01-01' then 'bad_service_date'
        when repaired.process_minutes is null then 'bad_process_time'
        when repaired.process_minutes > longest.parameter_value then 'implausible_process_time'
        when coalesce(repaired.is_completed, -1) not in (0, 1) then 'bad_is_completed'
    end as row_reject_reason,
    nullif(concat_ws(
        ', ',
        case when repaired.ends_before_start then 'end_before_start' end,
        case when coalesce(repaired.recorded_minutes, -1) < 0 then 'derived_process_time' end,
        case when repaired.recorded_channel is not null and repaired.channel is null then 'unknown_channel' end,
        case when repaired.has_unreadable_time then 'unreadable_time' end,
        case when repaired.recorded_wait < 0 then 'start_before_ticket' end,
        case when repaired.recorded_wait > longest_wait.parameter_value then 'implausible_wait' end
    ), '') as issue
from repaired
left join {{ ref('stg_metric_parameters') }} as longest
    on longest.parameter = 'max_process_minutes'
    and repaired.service_date between longest.valid_from and longest.valid_to
left join {{ ref('stg_metric_parameters') }} as longest_wait
    on longest_wait.parameter = 'max_wait_minutes'
    and repaired.service_date between longest_wait.valid_from and longest_wait.valid_to
