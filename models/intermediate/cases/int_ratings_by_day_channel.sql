-- Ratings of a day and hall by channel, stars and callback time. No deadline is applied yet.
{{ config(
    materialized='incremental',
    slice_by=['feedback_date'],
    version='rating_version',
    indexes=[['feedback_date']],
) }}

select
    feedback_date,
    hall_id,
    channel,
    rating,
    callback_time,
    is_callback_timed,
    count(*) as rating_count
from {{ ref('int_ratings') }}
where outcome in ('counted', 'repaired') and {{ in_slices('feedback_date') }}
group by feedback_date, hall_id, channel, rating, callback_time, is_callback_timed
