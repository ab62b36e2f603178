-- Approved merit of each subject and period. A hall has the merit of all its subjects.
{{ config(materialized='incremental') }}

with

approved as (

    select *
    from {{ ref('stg_merit_records') }}
    where outcome in ('counted', 'repaired')

),

subject_merits as (

    select merit_date, hall_id, subject_type, subject_id, quantity
    from approved
    where subject_type <> 'hall'
    union all
    select merit_date, hall_id, 'hall' as subject_type, hall_id as subject_id, quantity
    from approved

)

select
    days.period_type,
    days.period_start,
    merits.hall_id,
    cast(merits.subject_type as char(16)) as subject_type,
    cast(merits.subject_id as char(64)) as subject_id,
    cast(sum(merits.quantity) as decimal(20, 10)) as merit_quantity
from subject_merits as merits
inner join {{ ref('int_period_days') }} as days on merits.merit_date = days.calendar_date
where {{ in_slices('days.period_type, days.period_start') }}
group by days.period_type, days.period_start, merits.hall_id, merits.subject_type, merits.subject_id
