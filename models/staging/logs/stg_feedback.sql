{%- set columns = raw_columns_of('feedback', ['date', 'rating']) %}
{%- set ids = ['feedback_id', 'hall_id', 'window_id', 'clerk_id', 'log_id'] %}

with

source_rows as (

    select
        {{ raw_day(columns, 'date') }} as feedback_date,
        {{ raw_slice_day(columns, 'date') }} as feedback_day,
        {{ raw_text(columns, 'rating') }} as recorded_rating,
        {{ raw_id(columns, 'feedback_id') }} as feedback_id,
        {{ raw_id(columns, 'hall_id') }} as recorded_hall_id,
        {{ raw_id(columns, 'window_id') }} as window_id,
        {{ raw_id(columns, 'clerk_id') }} as clerk_id,
        {{ raw_id(columns, 'log_id') }} as log_id,
        {{ raw_text(columns, 'channel') }} as recorded_channel,
        {{ raw_datetime(columns, 'callback_time') }} as recorded_callback_time,
        sha2({{ citizen_text(columns, 'comment') }}, 256) as comment_hash,
        {{ is_unreadable_time(columns, ['callback_time']) }} as has_unreadable_time,
        {{ id_issue(columns, ids) }} as id_issue,
        {{ has_long_id(columns, ids) }} as has_long_id
    from {{ raw_table('feedback', columns) }}

),

read_values as (

    select
        source_rows.feedback_date,
        source_rows.feedback_day,
        source_rows.feedback_id,
        source_rows.recorded_hall_id is not null as names_hall,
        coalesce(source_rows.recorded_hall_id, '{{ var("default_hall_id") }}') as hall_id,
        source_rows.window_id,
        source_rows.clerk_id,
        source_rows.log_id,
        source_rows.recorded_channel,
        source_rows.has_unreadable_time,
        source_rows.id_issue,
        source_rows.has_long_id,
        source_rows.comment_hash,
        case
            when
                source_rows.recorded_channel in (
                    {% for channel in rating_channels() -%}
                    '{{ channel }}'{{ "," if not loop.last }}
                    {% endfor %}
                )
                then source_rows.recorded_channel
        end as channel,
        case
            when source_rows.recorded_callback_time >= source_rows.feedback_date then source_rows.recorded_callback_time
        end as callback_time,
        coalesce(source_rows.recorded_callback_time < source_rows.feedback_date, 0) as is_called_before_rating,
        coalesce({{ text_to_number('source_rows.recorded_rating') }}, levels.rating) as rating
    from source_rows
    left join {{ ref('stg_rating_levels') }} as levels on source_rows.recorded_rating = levels.rating_level

),

judged as (

    select
        read_values.*,
        case
            when feedback_day is null or feedback_day <> feedback_date then 'bad_date'
            when coalesce(rating, 0) not in (1, 2, 3, 4, 5) then 'bad_rating'
        end as row_reject_reason,
        nullif(concat_ws(
            ', ',
            case when recorded_channel is not null and channel is null then 'unknown_channel' end,
            case when has_unreadable_time then 'unreadable_time' end,
            id_issue,
            case when has_long_id then 'long_id' end,
            case when is_called_before_rating then 'callback_before_rating' end
        ), '') as issue
    from read_values

),

numbered as (

    select
        judged.*,
        row_number() over (
            partition by feedback_date, hall_id, feedback_id, row_reject_reason
            order by rating, log_id, window_id, clerk_id, channel, callback_time is null, callback_time,
                comment_hash, issue, names_hall
        ) as copy_number
    from judged

),

rejected as (

    select
        numbered.*,
        {{ reject_reason('feedback_id') }} as reject_reason
    from numbered

)

select
    feedback_date,
    feedback_day,
    feedback_id,
    names_hall,
    hall_id,
    window_id,
    clerk_id,
    log_id,
    channel,
    callback_time,
    -- Whether the times show if it was called back in time.
    not has_unreadable_time and not is_called_before_rating as is_callback_timed,
    rating,
    comment_hash,
    reject_reason,
    issue,
    {{ row_outcome('coalesce(feedback_date > ' ~ as_of_date() ~ ', 0)') }} as outcome
from rejected
