-- Every day of the years in work_calendar.csv, with the number of working days up to it. Monday to Friday are
-- working days unless the calendar says otherwise. Working days are counted within a run of known years only: the
-- holidays of a missing year are unknown. Numbers come from a cross join, as in int_period_days.
{{ config(primary_key=['calendar_date']) }}

with

digits as (

    {% for digit in range(10) -%}
    select {{ digit }} as digit{{ " union all" if not loop.last }}
    {% endfor %}

),

years as (

    select distinct
        year(calendar_date) as calendar_year,
        year(calendar_date) - dense_rank() over (order by year(calendar_date)) as year_span
    from {{ ref('stg_work_calendar') }}

),

days as (

    select date_add(
        makedate(years.calendar_year, 1),
        interval ones.digit + 10 * tens.digit + 100 * hundreds.digit day
    ) as calendar_date, years.calendar_year, years.year_span
    from years
    cross join digits as ones
    cross join digits as tens
    cross join digits as hundreds

),

judged as (

    select
        days.calendar_date,
        days.year_span,
        coalesce(calendar.is_working_day, weekday(days.calendar_date) < 5) as is_working_day
    from days
    left join {{ ref('stg_work_calendar') }} as calendar on days.calendar_date = calendar.calendar_date
    where year(days.calendar_date) = days.calendar_year

)

select
    calendar_date,
    cast(year_span as signed) as year_span,
    cast(is_working_day as signed) as is_working_day,
    cast(sum(is_working_day) over (order by calendar_date) as signed) as working_days_until
from judged
