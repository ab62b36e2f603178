-- What a person should look at before the scores are believed: one row a check, raw table and hall, over the
-- days up to the as-of date that quality_limits.csv says.
{{ config(primary_key=['check_id', 'raw_table', 'hall_id']) }}

{%- set as_of = "cast(" ~ as_of_date() ~ " as date)" %}

with

limits as (

    select
        limits.*,
        date_sub({{ as_of }}, interval cast(day_count as signed) - 1 day) as first_day
    from {{ ref('stg_quality_limits') }} as limits
    where {{ as_of }} between valid_from and valid_to

),

halls as (

    select hall_id, exists_from, exists_until
    from {{ ref('subjects') }}
    where subject_type = 'hall' and exists_until >= {{ as_of }}

),

-- `straight_join`: from each hall by the key, past the days of windows and clerks.
hall_days as (

    select straight_join subject_days.*
    from halls
    inner join {{ ref('subject_days') }} as subject_days
        on subject_days.hall_id = halls.hall_id
        and subject_days.subject_type = 'hall'
        and subject_days.subject_id = halls.hall_id
    where subject_days.activity_date <= {{ as_of }}

),

raw_tables as (

    select 'service_log' as raw_table
    union all
    select 'feedback' as raw_table

),

latest_rows as (

    select
        raw_tables.raw_table,
        hall_days.hall_id,
        max(cast(hall_days.activity_date as char(10))) as last_day
    from hall_days
    inner join raw_tables
        on case raw_tables.raw_table
            when 'service_log' then hall_days.case_count
            else hall_days.rating_count
        end > 0
    group by raw_tables.raw_table, hall_days.hall_id

),

outcomes as (

    select
        quality.raw_table,
        quality.hall_id,
        sum(case when quality.outcome = 'rejected' then quality.row_count else 0 end) as rejected_count,
        sum(quality.row_count) as row_count
    from limits
    inner join {{ ref('data_quality') }} as quality
        on quality.service_day between limits.first_day and {{ as_of }}
    where limits.check_id = 'rejected_share' and quality.outcome <> 'not_yet'
    group by quality.raw_table, quality.hall_id

),

naming as (

    {% for subject in ['window', 'clerk'] -%}
    {%- for raw_table, row_count, named_count in [
        ('service_log', 'counter_count', 'case_' ~ subject ~ '_count'),
        ('feedback', 'rating_count', 'rating_' ~ subject ~ '_count'),
    ] -%}
    select
        limits.check_id,
        '{{ raw_table }}' as raw_table,
        hall_days.hall_id,
        sum(hall_days.{{ row_count }} - hall_days.{{ named_count }}) as nameless_count,
        sum(hall_days.{{ row_count }}) as row_count
    from limits
    inner join hall_days on hall_days.activity_date >= limits.first_day
    where limits.check_id = 'no_{{ subject }}_share'
    group by limits.check_id, hall_days.hall_id
    union all
    {% endfor -%}
    select
        limits.check_id,
        'complaints' as raw_table,
        complaints.hall_id,
        sum(complaints.{{ subject }}_id is null) as nameless_count,
        count(*) as row_count
    from limits
    inner join {{ ref('counted_complaints') }} as complaints on complaints.complaint_date >= limits.first_day
    where limits.check_id = 'no_{{ subject }}_share'
    group by limits.check_id, complaints.hall_id
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

checked_days as (

    select
        limits.check_id,
        days.calendar_date
    from limits
    inner join {{ ref('period_days') }} as days
        on days.period_type = 'week' and days.calendar_date between limits.first_day and {{ as_of }}

),

expected_days as (

    select
        halls.hall_id,
        days.calendar_date,
        weekday(days.calendar_date) as weekday_number,
        hall_days.case_count > 0 as has_log
    from checked_days as days
    inner join halls on days.calendar_date between halls.exists_from and halls.exists_until
    left join hall_days
        on halls.hall_id = hall_days.hall_id and days.calendar_date = hall_days.activity_date
    where days.check_id = 'days_without_log'

),

-- A hall is taken to open on the weekdays on which it mostly has a log.
weekdays as (

    select
        hall_id,
        weekday_number,
        sum(coalesce(has_log, 0)) as log_count,
        count(*) as day_count
    from expected_days
    group by hall_id, weekday_number

),

gaps as (

    select
        hall_id,
        sum(case when 2 * log_count > day_count then day_count - log_count else 0 end) as gap_count,
        sum(case when 2 * log_count > day_count then day_count else 0 end) as open_count
    from weekdays
    group by hall_id

),

-- Day by day, so that the servers read those days of the log by its index.
log_ids as (

    select straight_join
        cases.hall_id,
        cases.log_id,
        count(distinct cases.service_date) as day_count
    from checked_days as days
    inner join {{ ref('base_service_log') }} as cases on days.calendar_date = cases.service_date
    where days.check_id = 'repeated_id_share' and cases.log_id is not null
    group by cases.hall_id, cases.log_id

),

measured as (

    select
        'days_since_last_row' as check_id, raw_table, hall_id,
        datediff({{ as_of }}, cast(last_day as date)) as numerator, 1 as denominator
    from latest_rows
    union all
    select 'rejected_share' as check_id, raw_table, hall_id, rejected_count as numerator, row_count as denominator
    from outcomes
    union all
    select check_id, raw_table, hall_id, nameless_count as numerator, row_count as denominator
    from naming
    union all
    select
        'days_without_log' as check_id, 'service_log' as raw_table, hall_id, gap_count as numerator,
        case when open_count > 0 then 1 end as denominator
    from gaps
    union all
    select
        'repeated_id_share' as check_id, 'service_log' as raw_table, hall_id, sum(day_count > 1) as numerator,
        count(*) as denominator
    from log_ids
    group by hall_id

),

valued as (

    select
        measured.check_id,
        measured.raw_table,
        measured.hall_id,
        limits.first_day,
        measured.numerator,
        measured.denominator,
        cast(
            cast(measured.numerator as decimal(30, 10)) / nullif(measured.denominator, 0) as decimal(20, 10)
        ) as value,
        limits.warn_from,
        limits.error_from,
        limits.ignore_from,
        limits.label_zh,
        limits.label_en
    from measured
    inner join limits on measured.check_id = limits.check_id
    inner join halls on measured.hall_id = halls.hall_id

)

select
    cast(check_id as char(64)) as check_id,
    cast(raw_table as char(32)) as raw_table,
    hall_id,
    first_day,
    {{ as_of }} as last_day,
    cast(numerator as signed) as numerator,
    cast(denominator as signed) as denominator,
    value,
    warn_from,
    error_from,
    ignore_from,
    cast(
        case
            when value is null then 'no_data'
            when value >= ignore_from then 'ok'
            when value >= error_from then 'error'
            when value >= warn_from then 'warn'
            else 'ok'
        end as char(16)
    ) as severity,
    label_zh,
    label_en,
    '{{ invocation_id }}' as build_id
from valued
