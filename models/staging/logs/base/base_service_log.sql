-- Each logged case, repaired and judged by itself. Copies of one log id are handled later, so that joins and
-- filters still use the index of the table.

with

repaired as (

    select
        typed.*,
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
        timestampdiff(
            microsecond,
            ticket_time,
            case when coalesce(recorded_end_time >= recorded_start_time, 1) then recorded_start_time end
        ) as wait_microseconds
    from {{ ref('base_service_log_typed') }} as typed

),

judged as (

    select
        repaired.*,
        -- An impossible wait is unknown; the case itself counts. Compared in whole microseconds: a division for
        -- each row would take seconds on a million rows.
        case
            when
                repaired.wait_microseconds
                between 0 and coalesce(round(60000000 * longest_wait.parameter_value), repaired.wait_microseconds)
                then cast(cast(repaired.wait_microseconds as decimal(30, 10)) / 60000000 as decimal(20, 10))
        end as wait_minutes,
        case
            when not coalesce(repaired.service_day = repaired.service_date, 0) then 'bad_service_date'
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
            case when repaired.wait_microseconds < 0 then 'start_before_ticket' end,
            case
                when repaired.wait_microseconds > round(60000000 * longest_wait.parameter_value) then 'implausible_wait'
            end
        ), '') as clock_issue
    from repaired
    left join {{ ref('stg_metric_parameters') }} as longest
        on longest.parameter = 'max_process_minutes'
        and repaired.service_date between longest.valid_from and longest.valid_to
    left join {{ ref('stg_metric_parameters') }} as longest_wait
        on longest_wait.parameter = 'max_wait_minutes'
        and repaired.service_date between longest_wait.valid_from and longest_wait.valid_to

)

select
    judged.*,
    -- Computed once a row: nullif() would compute it twice, which is slow on a whole log.
    case
        when id_issue is not null or has_long_id
            then concat_ws(
                ', ',
                clock_issue,
                id_issue,
                case when has_long_id then 'long_id' end
            )
        else clock_issue
    end as issue
from judged
