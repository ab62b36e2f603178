-- How many people waited how long, by month and whole minute. Quarters and years are summed from it.
{{ config(
    materialized='incremental',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'within_minutes'],
) }}

with

waits as (

    {{ subject_waits(['month']) }}

)

select
    period_type,
    period_start,
    hall_id,
    cast(subject_type as char(16)) as subject_type,
    cast(subject_id as char(64)) as subject_id,
    cast(within_minutes as signed) as within_minutes,
    wait_count
from waits
