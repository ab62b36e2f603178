{{ config(
    materialized='incremental',
    slice_by=['feedback_date'],
    partition_by_month='feedback_date',
    version='rating_version',
    indexes=[['feedback_date']],
) }}

select
    feedback_date,
    hall_id,
    window_id,
    clerk_id,
    count(*) as rating_count,
    {% for star in [1, 2, 3, 4, 5] -%}
    cast(sum(rating = {{ star }}) as signed) as star_{{ star }}_count{{ "," if not loop.last }}
    {% endfor -%}
from {{ ref('int_ratings') }}
where outcome in ('counted', 'repaired') and {{ in_slices('feedback_date') }}
group by feedback_date, hall_id, window_id, clerk_id
