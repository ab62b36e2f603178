-- Approved merit of each hall and period by kind. Points are for all kinds together, because their rule has a
-- limit.
{{ config(primary_key=['period_type', 'period_start', 'hall_id', 'kind']) }}

with

approved as (

    select
        merit_date,
        hall_id,
        subject_type,
        subject_id,
        cast(coalesce(kind, 'unknown') as char(255)) as kind,
        quantity
    from {{ ref('stg_merit_records') }}
    where outcome in ('counted', 'repaired')

)

select
    days.period_type,
    days.period_start,
    approved.hall_id,
    approved.kind,
    count(*) as record_count,
    count(distinct approved.subject_type, approved.subject_id) as subject_count,
    cast(sum(approved.quantity) as decimal(20, 10)) as quantity,
    '{{ invocation_id }}' as build_id
from approved
inner join {{ ref('int_period_days') }} as days on approved.merit_date = days.calendar_date
group by days.period_type, days.period_start, approved.hall_id, approved.kind
