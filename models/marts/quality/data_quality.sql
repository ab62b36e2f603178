-- Every raw row by what became of it; ratings are judged once more where they meet their cases.
{{ config(indexes=[['raw_table', 'service_day']]) }}

with

outcomes as (

    select 'service_log' as raw_table, service_date as service_day, hall_id, outcome, reject_reason, issue
    from {{ ref('stg_service_log') }}
    union all
    select 'complaints' as raw_table, complaint_date as service_day, hall_id, outcome, reject_reason, issue
    from {{ ref('stg_complaints') }}
    union all
    select 'feedback' as raw_table, feedback_date as service_day, hall_id, outcome, reject_reason, issue
    from {{ ref('stg_feedback') }}
    where outcome in ('rejected', 'not_yet')
    union all
    select
        'feedback' as raw_table,
        feedback_date as service_day,
        hall_id,
        case when reject_reason is not null then 'rejected' when issue is not null then 'repaired' else 'counted' end
            as outcome,
        reject_reason,
        issue
    from {{ ref('attributed_feedback') }}

)

select
    cast(raw_table as char(32)) as raw_table,
    service_day,
    hall_id,
    cast(outcome as char(16)) as outcome,
    cast(case outcome when 'rejected' then reject_reason when 'repaired' then issue end as char(255)) as reason,
    count(*) as row_count,
    '{{ invocation_id }}' as build_id
from outcomes
group by 1, 2, 3, 4, 5
