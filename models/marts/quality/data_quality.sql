-- Every raw row by its outcome.
{{ config(
    materialized='incremental',
    slice_by=['service_day'],
    version='quality_version',
    indexes=[['raw_table', 'service_day'], ['service_day']],
) }}

with

outcomes as (

    select
        'service_log' as raw_table, service_date as service_day, hall_id, outcome, reason, case_count as row_count
    from {{ ref('int_cases_by_day') }}
    where {{ in_slices('service_date') }}
    union all
    select 'feedback' as raw_table, feedback_date as service_day, hall_id, outcome, reason, 1 as row_count
    from {{ ref('int_ratings') }}
    where {{ in_slices('feedback_date') }}
    union all
    select
        'complaints' as raw_table,
        complaint_date as service_day,
        hall_id,
        outcome,
        case outcome when 'rejected' then reject_reason when 'repaired' then issue end as reason,
        1 as row_count
    from {{ ref('stg_complaints') }}
    where {{ in_slices('complaint_date') }}
    union all
    select
        'merit_records' as raw_table,
        merit_date as service_day,
        hall_id,
        outcome,
        case outcome when 'rejected' then reject_reason when 'repaired' then issue end as reason,
        1 as row_count
    from {{ ref('stg_merit_records') }}
    where {{ in_slices('merit_date') }}

)

select
    cast(raw_table as char(32)) as raw_table,
    service_day,
    hall_id,
    cast(outcome as char(16)) as outcome,
    cast(reason as char(255)) as reason,
    cast(sum(row_count) as signed) as row_count,
    '{{ invocation_id }}' as build_id
from outcomes
group by 1, 2, 3, 4, 5
