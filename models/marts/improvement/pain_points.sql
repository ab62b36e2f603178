-- What citizens write about: texts of each hall, window and item by category, beside the period before.
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
    from {{ ref('periods') }} as periods
    left join {{ ref('periods') }} as previous
        on periods.period_type = previous.period_type
        and periods.period_start = date_add(previous.period_end, interval 1 day)
    where periods.period_type <> 'rolling_7d' and {{ in_slices('periods.period_type, periods.period_start') }}

),

-- Each period's texts are counted for it, and for the period after it.
counted_periods as (

    select period_type, period_start, period_start as counted_start, 1 as is_own
    from wanted_periods
    union all
    select period_type, period_start, previous_start as counted_start, 0 as is_own
    from wanted_periods
    where previous_start is not null

),

texts as (

    select
        counted_periods.period_type,
        counted_periods.period_start,
        daily.hall_id,
        daily.window_id,
        daily.item_code,
        daily.category,
        sum(case when counted_periods.is_own then daily.text_count else 0 end) as text_count,
        sum(case when counted_periods.is_own then 0 else daily.text_count end) as previous_text_count
    from counted_periods
    inner join {{ ref('period_days') }} as days
        on counted_periods.period_type = days.period_type and counted_periods.counted_start = days.period_start
    inner join {{ ref('daily_pain_points') }} as daily on days.calendar_date = daily.text_date
    group by
        counted_periods.period_type, counted_periods.period_start, daily.hall_id, daily.window_id, daily.item_code,
        daily.category

),

subject_texts as (

    {% for subject_type, subject_column in {'hall': 'hall_id', 'window': 'window_id', 'item': 'item_code'}.items() -%}
    select
        period_type,
        period_start,
        hall_id,
        cast('{{ subject_type }}' as char(16)) as subject_type,
        cast({{ subject_column }} as char(64)) as subject_id,
        category,
        sum(text_count) as text_count,
        sum(previous_text_count) as previous_text_count
    from texts
    where {{ subject_column }} is not null
    group by period_type, period_start, hall_id, {{ subject_column }}, category
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

totals as (

    select * from subject_texts where category = 'all'

),

-- The share without a category is always shown, also when it is 0.
with_unclassified as (

    select * from subject_texts where category <> 'all'
    union all
    select {{ subject }}, 'unclassified' as category, 0 as text_count, 0 as previous_text_count from totals

),

counts as (

    select
        {{ subject }},
        category,
        sum(text_count) as text_count,
        sum(previous_text_count) as previous_text_count
    from with_unclassified
    group by {{ subject }}, category

),

shares as (

    select
        counts.*,
        totals.text_count as all_text_count,
        totals.previous_text_count as previous_all_text_count,
        cast(
            cast(counts.text_count as decimal(30, 10)) / nullif(totals.text_count, 0) as decimal(20, 10)
        ) as text_share,
        cast(
            cast(counts.previous_text_count as decimal(30, 10)) / nullif(totals.previous_text_count, 0)
            as decimal(20, 10)
        ) as previous_share,
        counts.subject_type = 'window' and coalesce(totals.text_count >= minimum.parameter_value, 0) as has_enough
    from counts
    inner join totals on {{ same_subject_period('counts', 'totals') }}
    left join {{ ref('stg_metric_parameters') }} as minimum
        on minimum.parameter = 'pain_point_minimum_texts'
        and counts.period_start between minimum.valid_from and minimum.valid_to

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

-- Rank 1 has the largest share; equal shares share a rank.
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
    wanted_periods.period_end,
    wanted_periods.is_closed,
    cast(ranked.text_count as signed) as text_count,
    cast(ranked.all_text_count as signed) as all_text_count,
    ranked.text_share as share,
    cast(case when wanted_periods.previous_start is not null then ranked.previous_text_count end as signed)
        as previous_text_count,
    cast(case when wanted_periods.previous_start is not null then ranked.previous_all_text_count end as signed)
        as previous_all_text_count,
    ranked.previous_share,
    cast(
        case when wanted_periods.previous_start is not null then ranked.text_count - ranked.previous_text_count end
        as signed
    ) as text_count_change,
    ranked.text_share - ranked.previous_share as share_change,
    cast(case when ranked.is_ranked then ranked.share_rank end as signed) as rank_in_hall,
    cast(case when ranked.has_enough then ranked.ranked_in_hall end as signed) as ranked_in_hall,
    case when ranked.category = 'unclassified' then '未归类' else labels.label_zh end as label_zh,
    case when ranked.category = 'unclassified' then 'Unclassified' else labels.label_en end as label_en,
    '{{ invocation_id }}' as build_id
from ranked
inner join wanted_periods
    on ranked.period_type = wanted_periods.period_type and ranked.period_start = wanted_periods.period_start
left join labels on ranked.category = labels.category
