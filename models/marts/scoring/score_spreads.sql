-- How far the scores of the departments, windows or clerks of a hall spread.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='score_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type'],
) }}

with

numbered as (

    select
        period_type,
        period_start,
        hall_id,
        subject_type,
        composite_score,
        row_number() over (
            partition by period_type, period_start, hall_id, subject_type
            order by composite_score, subject_id
        ) as score_number,
        count(*) over (
            partition by period_type, period_start, hall_id, subject_type
        ) as scored_count
    from {{ ref('scores') }}
    where subject_type <> 'hall' and composite_score is not null and {{ in_slices('period_type, period_start') }}

)

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    cast(max(scored_count) as signed) as scored_count,
    min(composite_score) as lowest_score,
    -- The median: the middle score, or the mean of the two in the middle.
    cast(avg(
        case when 2 * score_number between scored_count and scored_count + 2 then composite_score end
    ) as decimal(12, 6)) as median_score,
    max(composite_score) as highest_score,
    '{{ invocation_id }}' as build_id
from numbered
group by period_type, period_start, hall_id, subject_type
