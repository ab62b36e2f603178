-- Ratings of each hall by channel, against the share of cases that should be rated. The channel of a rating does
-- not say where the case was handled, so each channel is compared with all cases of the hall.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='channel_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'channel'],
    indexes=[['hall_id', 'channel', 'period_type', 'period_start']],
) }}

with

channels as (

    {% for channel in ['all'] + rating_channels() + ['unknown'] -%}
    select cast('{{ channel }}' as char(16)) as channel
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

halls as (

    select period_type, period_start, hall_id, period_end, is_closed, case_count, rating_count as hall_rating_count
    from {{ ref('int_period_measures') }}
    where subject_type = 'hall' and period_type <> 'rolling_7d' and {{ in_slices('period_type, period_start') }}

),

timed_ratings as (

    select
        daily_channels.*,
        coalesce(callback_time < {{ as_of_moment() }}, 0) as is_called_back,
        {{ rating_hours_to_callback() }} as hours_to_callback
    from {{ ref('int_ratings_by_day_channel') }} as daily_channels

),

judged_ratings as (

    select
        periods.period_type,
        periods.period_start,
        ratings.hall_id,
        coalesce(ratings.channel, 'unknown') as channel,
        ratings.rating,
        ratings.rating_count,
        ratings.rating >= periods.satisfied_rating as is_satisfied,
        ratings.rating <= periods.negative_rating as is_negative,
        ratings.rating <= periods.negative_rating
        and ratings.is_callback_timed
        and periods.callback_deadline_hours is not null
        and (ratings.is_called_back or ratings.hours_to_callback > periods.callback_deadline_hours) as is_due,
        ratings.is_called_back and ratings.hours_to_callback <= periods.callback_deadline_hours as is_in_time
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('int_period_days') }} as days
        on periods.period_type = days.period_type and periods.period_start = days.period_start
    inner join timed_ratings as ratings on days.calendar_date = ratings.feedback_date
    where periods.period_type <> 'rolling_7d' and {{ in_slices('periods.period_type, periods.period_start') }}

),

counted as (

    select
        ratings.period_type,
        ratings.period_start,
        ratings.hall_id,
        channels.channel,
        sum(ratings.rating_count) as rating_count,
        sum(ratings.rating * ratings.rating_count) as star_sum,
        sum(ratings.is_satisfied * ratings.rating_count) as satisfied_count,
        sum(ratings.is_negative * ratings.rating_count) as negative_count,
        sum(ratings.is_due * ratings.rating_count) as callback_due_count,
        sum(ratings.is_due * ratings.is_in_time * ratings.rating_count) as callback_count
    from judged_ratings as ratings
    inner join channels on channels.channel in ('all', ratings.channel)
    group by ratings.period_type, ratings.period_start, ratings.hall_id, channels.channel

),

grid as (

    select halls.*, channels.channel, wanted.parameter_value as wanted_coverage
    from halls
    cross join channels
    left join {{ ref('stg_metric_parameters') }} as wanted
        on wanted.parameter = 'wanted_rating_coverage'
        and halls.period_start between wanted.valid_from and wanted.valid_to

),

covered as (

    select
        grid.*,
        coalesce(counted.rating_count, 0) as rating_count,
        coalesce(counted.negative_count, 0) as negative_count,
        coalesce(counted.callback_due_count, 0) as callback_due_count,
        coalesce(counted.callback_count, 0) as callback_count,
        counted.star_sum,
        counted.satisfied_count,
        cast(
            cast(coalesce(counted.rating_count, 0) as decimal(30, 10)) / nullif(grid.case_count, 0) as decimal(20, 10)
        ) as coverage
    from grid
    left join counted
        on grid.period_type = counted.period_type
        and grid.period_start = counted.period_start
        and grid.hall_id = counted.hall_id
        and grid.channel = counted.channel

)

select
    period_type,
    period_start,
    hall_id,
    channel,
    period_end,
    is_closed,
    cast(rating_count as signed) as rating_count,
    cast(cast(rating_count as decimal(30, 10)) / nullif(hall_rating_count, 0) as decimal(20, 10)) as rating_share,
    case_count,
    coverage,
    wanted_coverage,
    wanted_coverage - coverage as coverage_gap,
    cast(cast(star_sum as decimal(30, 10)) / nullif(rating_count, 0) as decimal(20, 10)) as avg_rating,
    cast(cast(satisfied_count as decimal(30, 10)) / nullif(rating_count, 0) as decimal(20, 10)) as satisfied_rate,
    cast(negative_count as signed) as negative_count,
    cast(callback_due_count as signed) as callback_due_count,
    cast(callback_count as signed) as callback_count,
    cast(cast(callback_count as decimal(30, 10)) / nullif(callback_due_count, 0) as decimal(20, 10)) as callback_rate,
    '{{ invocation_id }}' as build_id
from covered
