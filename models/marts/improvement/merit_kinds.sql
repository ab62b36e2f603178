-- Approved merit of each hall and period by its kind. Points are of all kinds together, since their rule has a limit.
{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'kind']) }}

select
    days.period_type,
    days.period_start,
    merits.hall_id,
    cast(coalesce(merits.kind, 'unknown') as char(255)) as kind,
    count(*) as record_count,
    count(distinct merits.subject_type, merits.subject_id) as subject_count,
    cast(sum(merits.quantity) as decimal(20, 10)) as quantity,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_merit_records') }} as merits
inner join {{ ref('period_days') }} as days on merits.merit_date = days.calendar_date
where merits.outcome = 'counted'
group by days.period_type, days.period_start, merits.hall_id, coalesce(merits.kind, 'unknown')
