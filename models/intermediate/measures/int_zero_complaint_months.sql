-- For each quarter and year: the closed months in which the subject had cases, and how many of them had no
-- complaint.
{{ config(materialized='incremental') }}

with

months as (

    select *
    from {{ ref('int_period_measures') }}
    where
        period_type = 'month'
        and is_closed
        and case_count > 0
        and complaints_attributable
        and subject_type <> 'item'

)

select
    periods.period_type,
    periods.period_start,
    months.hall_id,
    months.subject_type,
    months.subject_id,
    count(*) as month_count,
    cast(sum(months.complaint_count = 0) as signed) as zero_complaint_month_count
from months
inner join {{ ref('int_periods') }} as periods
    on periods.period_type in ('quarter', 'year')
    and months.period_start between periods.period_start and periods.period_end
where {{ in_slices('periods.period_type, periods.period_start') }}
group by periods.period_type, periods.period_start, months.hall_id, months.subject_type, months.subject_id
