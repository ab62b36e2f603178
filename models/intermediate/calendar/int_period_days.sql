-- Each day of the history with the periods it belongs to. A cross join makes the numbers: MariaDB stops a recursive
-- CTE silently after 1,000 rows.
{{ config(primary_key=['calendar_date', 'period_type']) }}

with

first_days as (

    select min(activity_date) as first_day from {{ ref('int_subject_days') }}
    union all
    select min(complaint_date) as first_day from {{ ref('int_complaints') }}

),

digits as (

    {% for digit in range(10) -%}
    select {{ digit }} as digit{{ " union all" if not loop.last }}
    {% endfor %}

),

numbers as (

    select
        ones.digit + 10 * tens.digit + 100 * hundreds.digit + 1000 * thousands.digit
        + 10000 * ten_thousands.digit as number
    from digits as ones
    cross join digits as tens
    cross join digits as hundreds
    cross join digits as thousands
    cross join digits as ten_thousands

),

bounds as (

    select
        coalesce(min(first_day), cast({{ as_of_date() }} as date)) as first_day,
        cast({{ as_of_date() }} as date) as last_day
    from first_days

),

calendar as (

    select
        bounds.last_day,
        date_add(bounds.first_day, interval numbers.number day) as calendar_date
    from bounds
    inner join numbers on numbers.number <= datediff(bounds.last_day, bounds.first_day)

),

day_periods as (

    select calendar_date, 'rolling_7d' as period_type, date_sub(last_day, interval 7 day) as period_start
    from calendar where calendar_date >= date_sub(last_day, interval 7 day)
    union all
    select
        calendar_date, 'week' as period_type,
        date_sub(calendar_date, interval weekday(calendar_date) day) as period_start
    from calendar
    union all
    select
        calendar_date, 'month' as period_type,
        date_sub(calendar_date, interval dayofmonth(calendar_date) - 1 day) as period_start
    from calendar
    union all
    select
        calendar_date, 'quarter' as period_type,
        date_add(makedate(year(calendar_date), 1), interval 3 * quarter(calendar_date) - 3 month) as period_start
    from calendar
    union all
    select calendar_date, 'year' as period_type, makedate(year(calendar_date), 1) as period_start
    from calendar

)

select
    calendar_date,
    cast(period_type as char(16)) as period_type,
    period_start,
    case period_type
        when 'rolling_7d' then date_add(period_start, interval 7 day)
        when 'week' then date_add(period_start, interval 6 day)
        when 'month' then last_day(period_start)
        when 'quarter' then last_day(date_add(period_start, interval 2 month))
        else last_day(date_add(period_start, interval 11 month))
    end as period_end
from day_periods
