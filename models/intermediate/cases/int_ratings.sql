-- Each rating with its outcome. A counted rating takes hall, window, clerk and item from its case, also when the
-- case was rejected for its times: leaving a ticket open must not remove a bad rating. Cases and ratings of the
-- days before are read too.
{{ config(
    materialized='incremental',
    slice_by=['feedback_date'],
    partition_by_month='feedback_date',
    version='rating_version',
    indexes=[['feedback_date']],
) }}
{%- set rating_days = largest_parameter('rating_case_days') %}

with

ratings as (

    select *
    from {{ ref('stg_feedback') }}
    where {{ in_slices('feedback_date', rating_days) }}

),

countable_ratings as (

    select * from ratings where outcome in ('counted', 'repaired')

),

cases as (

    select *
    from {{ ref('base_service_log') }}
    where
        (row_reject_reason is null or row_reject_reason <> 'bad_service_date')
        and service_date <= {{ as_of_date() }}
        and {{ in_slices('service_date', rating_days) }}

),

rating_keys as (

    select distinct
        ratings.log_id,
        ratings.hall_id,
        ratings.names_hall,
        ratings.feedback_date,
        date_sub(ratings.feedback_date, interval cast(days_back.parameter_value as signed) day) as earliest_case_date
    from countable_ratings as ratings
    inner join {{ ref('stg_metric_parameters') }} as days_back
        on days_back.parameter = 'rating_case_days'
        and ratings.feedback_date between days_back.valid_from and days_back.valid_to
    where ratings.log_id is not null

),

-- Most ratings are given on the day of the case, and that case is the latest. Only the others are looked for in
-- earlier days, and by the logged form of their id where it was mended. `straight_join` makes MariaDB go from the
-- ratings to the cases by the index on log_id; without it, MariaDB reads the whole log for each branch. Each reader
-- of same_day_cases repeats it, because MariaDB forgets it when it merges a CTE.
same_day_cases as (

    select straight_join
        rating_keys.log_id as rating_log_id,
        rating_keys.hall_id as rating_hall_id,
        rating_keys.names_hall,
        rating_keys.feedback_date,
        cases.*
    from rating_keys
    inner join cases
        on rating_keys.log_id = cases.recorded_log_id
        and rating_keys.feedback_date = cases.service_date
        and (cases.hall_id = rating_keys.hall_id or not rating_keys.names_hall)

),

matched_keys as (

    select distinct straight_join rating_log_id, rating_hall_id, names_hall, feedback_date from same_day_cases

),

-- `distinct` makes MySQL store these few keys once instead of finding them again for each case.
unmatched_keys as (

    select distinct rating_keys.*, rating_keys.log_id as recorded_log_id
    from rating_keys
    left join matched_keys
        on rating_keys.log_id = matched_keys.rating_log_id
        and rating_keys.hall_id = matched_keys.rating_hall_id
        and rating_keys.names_hall = matched_keys.names_hall
        and rating_keys.feedback_date = matched_keys.feedback_date
    where matched_keys.feedback_date is null

),

mended_keys as (

    select distinct straight_join rating_keys.*, mended_ids.recorded_log_id
    from rating_keys
    inner join {{ ref('int_mended_ids') }} as mended_ids
        on rating_keys.log_id = mended_ids.log_id
        and mended_ids.service_date between rating_keys.earliest_case_date and rating_keys.feedback_date

),

candidate_cases as (

    select straight_join * from same_day_cases
    {% for keys in ['unmatched_keys', 'mended_keys'] -%}
    union all
    select straight_join
        rating_keys.log_id as rating_log_id,
        rating_keys.hall_id as rating_hall_id,
        rating_keys.names_hall,
        rating_keys.feedback_date,
        cases.*
    from {{ keys }} as rating_keys
    inner join cases
        on rating_keys.recorded_log_id = cases.recorded_log_id
        and cases.service_date between rating_keys.earliest_case_date and rating_keys.feedback_date
        and (cases.hall_id = rating_keys.hall_id or not rating_keys.names_hall)
    {% endfor %}
),

-- The counted copy of a case; the earliest copy where none counts.
preferred_cases as (

    select
        candidate_cases.*,
        row_number() over (
            partition by rating_log_id, rating_hall_id, names_hall, feedback_date
            order by service_date desc, hall_id asc, row_reject_reason is not null, {{ case_order() }}
        ) as preference
    from candidate_cases

),

attributed as (

    select
        ratings.feedback_date,
        ratings.feedback_day,
        ratings.feedback_id,
        ratings.log_id,
        ratings.channel,
        ratings.rating,
        ratings.outcome,
        ratings.issue,
        ratings.callback_time,
        ratings.is_callback_timed,
        ratings.comment_hash,
        preferred_cases.service_date as case_date,
        preferred_cases.channel as case_channel,
        preferred_cases.item_code,
        coalesce(preferred_cases.hall_id, ratings.hall_id) as hall_id,
        coalesce(preferred_cases.window_id, ratings.window_id) as window_id,
        coalesce(preferred_cases.clerk_id, ratings.clerk_id) as clerk_id
    from countable_ratings as ratings
    left join preferred_cases
        on ratings.log_id = preferred_cases.rating_log_id
        and ratings.hall_id = preferred_cases.rating_hall_id
        and ratings.names_hall = preferred_cases.names_hall
        and ratings.feedback_date = preferred_cases.feedback_date
        and preferred_cases.preference = 1

),

numbered as (

    select
        attributed.*,
        row_number() over (
            partition by hall_id, log_id, coalesce(case_date, feedback_date)
            order by feedback_date, feedback_id is null, feedback_id, rating, window_id, clerk_id, channel,
                comment_hash, callback_time is null, callback_time, issue
        ) as rating_number
    from attributed

),

rejected as (

    select
        numbered.*,
        case when log_id is not null and rating_number > 1 then 'second_rating' end as reject_reason
    from numbered

),

outcomes as (

    select
        feedback_date, feedback_day, feedback_id, log_id, case_date, case_channel, hall_id, window_id, clerk_id,
        item_code, channel, rating, callback_time, is_callback_timed, comment_hash,
        case when reject_reason is not null then 'rejected' else outcome end as outcome,
        coalesce(reject_reason, issue) as reason
    from rejected
    union all
    select
        feedback_date, feedback_day, feedback_id, log_id, null as case_date, null as case_channel, hall_id, window_id,
        clerk_id, null as item_code, channel, rating, callback_time, is_callback_timed, comment_hash, outcome,
        case when outcome = 'rejected' then reject_reason end as reason
    from ratings
    where outcome in ('rejected', 'not_yet')

)

select
    feedback_day as feedback_date,
    feedback_id,
    log_id,
    cast(case_date as date) as case_date,
    cast(case_channel as char(16)) as case_channel,
    hall_id,
    window_id,
    clerk_id,
    cast(item_code as char(64)) as item_code,
    channel,
    cast(rating as signed) as rating,
    callback_time,
    is_callback_timed,
    cast(comment_hash as char(64)) as comment_hash,
    cast(outcome as char(16)) as outcome,
    cast(reason as char(255)) as reason
from outcomes
where {{ in_slices('feedback_date') }}
