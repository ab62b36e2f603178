-- Each audited case next to its log entry: the latest case with that log id that is not after the audit. An id that
-- two halls used on one day identifies no case.
{{ config(primary_key=['audit_id']) }}

with

cases as (

    select *
    from {{ ref('base_service_log') }}
    where row_reject_reason is null and service_date <= {{ as_of_date() }}

),

recorded_samples as (

    select audit_id, audited_at, log_id as recorded_log_id
    from {{ ref('stg_audit_samples') }}
    union distinct
    select samples.audit_id, samples.audited_at, mended_ids.recorded_log_id
    from {{ ref('stg_audit_samples') }} as samples
    inner join {{ ref('int_mended_ids') }} as mended_ids on samples.log_id = mended_ids.log_id

),

-- `straight_join`: from the few samples to their cases by the index on log_id.
candidates as (

    select straight_join
        samples.audit_id,
        cases.*
    from recorded_samples as samples
    inner join cases
        on samples.recorded_log_id = cases.recorded_log_id
        and cases.service_date <= coalesce(cast(samples.audited_at as date), cases.service_date)

),

numbered as (

    select
        candidates.*,
        row_number() over (
            partition by audit_id
            order by service_date desc, hall_id asc, {{ case_order() }}
        ) as preference,
        rank() over (partition by audit_id order by service_date desc, hall_id asc) as hall_rank,
        rank() over (partition by audit_id order by service_date desc) as day_rank
    from candidates

),

found as (

    select
        audit_id,
        max(case when preference = 1 then hall_id end) as hall_id,
        max(case when preference = 1 then window_id end) as window_id,
        {{ date_aggregate('max', 'case when preference = 1 then service_date end') }} as service_date,
        max(case when preference = 1 then process_minutes end) as recorded_minutes,
        max(case when preference = 1 then is_completed end) as recorded_is_completed,
        max(hall_rank > 1 and day_rank = 1) as names_two_halls
    from numbered
    group by audit_id

),

judged as (

    select
        samples.audit_id,
        samples.auditor,
        samples.audited_minutes,
        samples.audited_is_completed,
        found.hall_id,
        found.window_id,
        found.service_date,
        found.recorded_minutes,
        found.recorded_is_completed,
        case
            when found.audit_id is null then 'no_case'
            when found.names_two_halls then 'two_halls'
            when samples.audited_minutes is null and samples.audited_is_completed is null then 'nothing_audited'
            else 'compared'
        end as outcome,
        abs(samples.audited_minutes - found.recorded_minutes) <= tolerance.parameter_value as is_time_match,
        samples.audited_is_completed = found.recorded_is_completed as is_completion_match
    from {{ ref('stg_audit_samples') }} as samples
    left join found on samples.audit_id = found.audit_id
    left join {{ ref('stg_metric_parameters') }} as tolerance
        on tolerance.parameter = 'audit_tolerance_minutes'
        and found.service_date between tolerance.valid_from and tolerance.valid_to

)

select
    audit_id,
    cast(outcome as char(16)) as outcome,
    auditor,
    hall_id,
    window_id,
    service_date,
    recorded_minutes,
    cast(recorded_is_completed as signed) as recorded_is_completed,
    audited_minutes,
    cast(audited_is_completed as signed) as audited_is_completed,
    cast(is_time_match as signed) as is_time_match,
    cast(is_completion_match as signed) as is_completion_match,
    cast(coalesce(is_time_match, 1) and coalesce(is_completion_match, 1) as signed) as is_match
from judged
