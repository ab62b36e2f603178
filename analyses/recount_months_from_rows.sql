-- 审计：由逐件记录直接重算各大厅的月度时长与一次办结率，与 metrics 比较；结果应为空。
-- Audit: recounts the months of each hall from single rows and compares with metrics; it should return no row.

with

recounted as (

    select
        hall_id,
        date_sub(service_date, interval dayofmonth(service_date) - 1 day) as month_start,
        count(*) as case_count,
        sum(process_minutes) as process_minutes,
        sum(is_completed) as completed_count
    from {{ ref('stg_service_log') }}
    where outcome in ('counted', 'repaired')
    group by hall_id, date_sub(service_date, interval dayofmonth(service_date) - 1 day)

),

published as (

    select
        hall_id,
        period_start,
        max(case when metric = 'avg_process_minutes' then numerator end) as process_minutes,
        max(case when metric = 'avg_process_minutes' then denominator end) as case_count,
        max(case when metric = 'first_visit_completion_rate' then numerator end) as completed_count
    from {{ ref('metrics') }}
    where subject_type = 'hall' and period_type = 'month'
    group by hall_id, period_start

)

select
    published.*,
    recounted.case_count as recounted_cases,
    recounted.process_minutes as recounted_minutes,
    recounted.completed_count as recounted_completed
from published
left join recounted
    on published.hall_id = recounted.hall_id and published.period_start = recounted.month_start
where
    published.case_count <> coalesce(recounted.case_count, 0)
    or published.process_minutes <> coalesce(recounted.process_minutes, 0)
    or published.completed_count <> coalesce(recounted.completed_count, 0)
