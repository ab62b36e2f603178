-- counted + repaired + rejected + not_yet = raw rows, per table and day; and the counted rows agree with
-- the daily measures. Checks the days that this build has read and written, all with var reconcile.
-- A day that is not over may have new rows since it was counted.
with

raw_rows as (

    {% if var('reconcile') -%}
    {%- for table_name, date_column in [('service_log', 'service_date'), ('feedback', 'date')] -%}
    {%- set columns = raw_columns_of(table_name) -%}
    select
        '{{ table_name }}' as raw_table, {{ raw_slice_day(columns, date_column) }} as service_day, count(*) as raw_count
    from {{ raw_table(table_name, columns) }}
    group by 1, 2
    union all
    {% endfor -%}
    {%- else -%}
    select raw_table, service_day, row_count as raw_count
    from {{ ref('plan_raw_days') }}
    where build_id = {{ last_build_of('raw_days') }}
    union all
    {% endif -%}
    {%- set columns = raw_columns_of('merit_records') -%}
    select 'merit_records' as raw_table, {{ raw_date(columns, 'date') }} as service_day, count(*) as raw_count
    from {{ raw_table('merit_records', columns) }}
    group by 1, 2
    union all
    {% set columns = raw_columns_of('complaints', ['complaint_date', 'complaint_time']) -%}
    select
        'complaints' as raw_table,
        coalesce(
            {{ raw_date(columns, 'complaint_date') }}, cast({{ raw_datetime(columns, 'complaint_time') }} as date)
        ) as service_day,
        count(*) as raw_count
    from {{ raw_table('complaints', columns) }}
    group by 1, 2

),

checked_days as (

    select versions.calendar_date as service_day
    from {{ ref('plan_days') }} as versions
    inner join {{ slice_versions() }} as held on versions.slice = held.slice and held.model_name = 'data_quality'
    where
        coalesce(versions.calendar_date < cast({{ as_of_moment() }} as date), 1)
        {% if not var('reconcile') -%}
        and held.build_id = {{ last_build_of('data_quality') }}
        {%- endif %}

),

outcomes as (

    select
        quality.raw_table,
        quality.service_day,
        sum(quality.row_count) as outcome_count,
        sum(case when quality.outcome in ('counted', 'repaired') then quality.row_count else 0 end) as counted_count
    from checked_days
    inner join {{ ref('data_quality') }} as quality on checked_days.service_day <=> quality.service_day
    group by quality.raw_table, quality.service_day

),

measured as (

    {% for table_name, measure in [('service_log', 'case_count'), ('feedback', 'rating_count')] -%}
    select
        '{{ table_name }}' as raw_table,
        activity.activity_date as service_day,
        sum(activity.{{ measure }}) as measured_count
    from checked_days
    inner join {{ ref('int_subject_days') }} as activity on checked_days.service_day = activity.activity_date
    where activity.subject_type = 'hall'
    group by activity.activity_date
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    'raw rows and outcomes differ' as problem,
    raw_rows.raw_table,
    raw_rows.service_day,
    raw_rows.raw_count as expected,
    outcomes.outcome_count as found
from checked_days
inner join raw_rows on checked_days.service_day <=> raw_rows.service_day
left join outcomes
    on raw_rows.raw_table = outcomes.raw_table and raw_rows.service_day <=> outcomes.service_day
where raw_rows.raw_count <> coalesce(outcomes.outcome_count, 0)
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
where
    outcomes.raw_table in ('service_log', 'feedback')
    and outcomes.counted_count <> coalesce(measured.measured_count, 0)
