-- What citizens write about: texts by hall, window, item and category, next to the period before.
{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='text_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'category'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

{%- set subject = 'period_type, period_start, hall_id, subject_type, subject_id' %}

with

wanted_periods as (

    select
        periods.period_type,
        periods.period_start,
        periods.period_end,
        periods.is_closed,
        previous.period_start as previous_start
    from {{ ref('int_periods') }} as periods
    left join {{ ref('int_periods') }} as previous
        on periods.period_type = previous.period_type
        and periods.period_start = date_add(previous.period_end, interval 1 day)
    where periods.period_type <> 'rolling_7d' and {{ in_slices('periods.period_type, periods.period_start') }}

),

-- The texts of a period are counted for it and for the period after it.
texts as (

    select
        periods.period_type, periods.period_start, periods.period_end, periods.is_closed, periods.previous_start,
        own.hall_id, own.subject_type, own.subject_id, own.category, own.text_count, 0 as previous_text_count
    from wanted_periods as periods
    inner join {{ ref('int_period_pain_points') }} as own
        on periods.period_type = own.period_type and periods.period_start = own.period_start
    union all
    select
        periods.period_type, periods.period_start, periods.period_end, periods.is_closed, periods.previous_start,
        previous.hall_id, previous.subject_type, previous.subject_id, previous.category, 0 as text_count,
        previous.text_count as previous_text_count
    from wanted_periods as periods
    inner join {{ ref('int_period_pain_points') }} as previous
        on periods.period_type = previous.period_type and periods.previous_start = previous.period_start

),

counts as (

    select
        {{ subject }},
        category,
        period_end,
        is_closed,
        previous_start,
        sum(text_count) as text_count,
        sum(previous_text_count) as previous_text_count
    from texts
    group by {{ subject }}, category, period_end, is_closed, previous_start

),

totals as (

    select
        counts.*,
        max(case when category = 'all' then text_count end) over (partition by {{ subject }}) as all_text_count,
        max(case when category = 'all' then previous_text_count end) over (partition by {{ subject }})
            as previous_all_text_count
    from counts

),

shares as (

    select
        totals.*,
        cast(
            cast(totals.text_count as decimal(30, 10)) / nullif(totals.all_text_count, 0) as decimal(20, 10)
        ) as text_share,
        cast(
            cast(totals.previous_text_count as decimal(30, 10)) / nullif(totals.previous_all_text_count, 0)
            as decimal(20, 10)
        ) as previous_share,
        totals.subject_type = 'window' and coalesce(totals.all_text_count >= minimum.parameter_value, 0) as has_enough
    from totals
    left join {{ ref('stg_metric_parameters') }} as minimum
        on minimum.parameter = 'pain_point_minimum_texts'
        and totals.period_start between minimum.valid_from and minimum.valid_to
    where totals.category <> 'all'

),

judged as (

    select
        shares.*,
        has_enough and category <> 'unclassified' and text_count > 0 as is_ranked,
        sum(has_enough and category = 'unclassified') over (
            partition by period_type, period_start, hall_id
        ) as ranked_in_hall
    from shares

),

-- Rank 1 has the largest share; equal shares get the same rank.
ranked as (

    select
        judged.*,
        rank() over (
            partition by period_type, period_start, hall_id, category, is_ranked order by text_share desc
        ) as share_rank
    from judged

),

labels as (

    select distinct category, label_zh, label_en from {{ ref('stg_pain_point_keywords') }}

)

select
    ranked.period_type,
    ranked.period_start,
    ranked.hall_id,
    ranked.subject_type,
    ranked.subject_id,
    cast(ranked.category as char(64)) as category,
    ranked.period_end,
    ranked.is_closed,
    cast(ranked.text_count as signed) as text_count,
    cast(ranked.all_text_count as signed) as all_text_count,
    ranked.text_share as share,
    cast(case when ranked.previous_start is not null then ranked.previous_text_count end as signed)
        as previous_text_count,
    cast(case when ranked.previous_start is not null then ranked.previous_all_text_count end as signed)
        as previous_all_text_count,
    ranked.previous_share,
    cast(
        case when ranked.previous_start is not null then ranked.text_count - ranked.previous_text_count end
        as signed
    ) as text_count_change,
    ranked.text_share - ranked.previous_share as share_change,
    cast(case when ranked.is_ranked then ranked.share_rank end as signed) as rank_in_hall,
    cast(case when ranked.has_enough then ranked.ranked_in_hall end as signed) as ranked_in_hall,
    case when ranked.category = 'unclassified' then '未归类' else labels.label_zh end as label_zh,
    case when ranked.category = 'unclassified' then 'Unclassified' else labels.label_en end as label_en,
    '{{ invocation_id }}' as build_id
from ranked
left join labels on ranked.category = labels.category
