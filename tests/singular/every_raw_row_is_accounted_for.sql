-- counted + repaired + rejected + not_yet = raw rows, per table and day; and what
-- is counted here is what the daily measures hold.
with

raw_days as (

    {% for table_name, date_column in [
        ('service_log', 'service_date'), ('feedback', 'date'), ('complaints', 'complaint_date'),
    ] -%}
    {%- set columns = raw_columns_of(table_name) -%}
    {%- set day = raw_date(columns, date_column) -%}
    {%- if table_name == 'complaints' -%}
    {%- set day = 'coalesce(' ~ day ~ ', cast(' ~ raw_datetime(columns, 'complaint_time') ~ ' as date))' -%}
    {%- endif -%}
    select '{{ table_name }}' as raw_table, {{ day }} as service_day, count(*) as raw_count
    from {{ raw_table(table_name, columns) }}
    group by 1, 2
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

outcomes as (

    select
        raw_table,
        service_day,
        sum(row_count) as outcome_count,
        sum(case when outcome in ('counted', 'repaired') then row_count else 0 end) as counted_count
    from {{ ref('data_quality') }}
    group by raw_table, service_day

),

measured as (

    select 'service_log' as raw_table, service_date as service_day, sum(case_count) as measured_count
    from {{ ref('daily_items') }}
    where outcome in ('counted', 'repaired')
    group by service_date
    union all
    select 'feedback' as raw_table, feedback_date as service_day, sum(rating_count) as measured_count
    from {{ ref('daily_feedback') }}
    group by feedback_date

)

select
    'raw rows and outcomes differ' as problem,
    raw_days.raw_table,
    raw_days.service_day,
    raw_days.raw_count as expected,
    outcomes.outcome_count as found
from raw_days
left join outcomes
    on raw_days.raw_table = outcomes.raw_table and raw_days.service_day <=> outcomes.service_day
where raw_days.raw_count <> coalesce(outcomes.outcome_count, 0)
union all
select
    'counted rows and measures differ' as problem,
    outcomes.raw_table,
    outcomes.service_day,
    outcomes.counted_count as expected,
    measured.measured_count as found
from outcomes
left join measured
    on outcomes.raw_table = measured.raw_table and outcomes.service_day = measured.service_day
where outcomes.raw_table <> 'complaints' and outcomes.counted_count <> coalesce(measured.measured_count, 0)
