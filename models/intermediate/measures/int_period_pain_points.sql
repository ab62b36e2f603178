-- Texts by hall, window, item and category for weeks, months, quarters and years. pain_points compares each period
-- with the one before. `all` counts every text; `unclassified` has a row even when it is 0.
{{ config(
    materialized='incremental',
    version='text_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'category'],
) }}

{%- set subjects = {'hall': 'hall_id', 'window': 'window_id', 'item': 'item_code'} %}

with

texts as (

    select days.period_type, days.period_start, daily.hall_id, daily.window_id, daily.item_code, daily.category,
        daily.text_count
    from {{ ref('int_period_days') }} as days
    inner join {{ ref('int_pain_points_by_day') }} as daily on days.calendar_date = daily.text_date
    where days.period_type <> 'rolling_7d' and {{ in_slices('days.period_type, days.period_start') }}
    union all
    select days.period_type, days.period_start, daily.hall_id, daily.window_id, daily.item_code,
        'unclassified' as category, 0 as text_count
    from {{ ref('int_period_days') }} as days
    inner join {{ ref('int_pain_points_by_day') }} as daily on days.calendar_date = daily.text_date
    where
        days.period_type <> 'rolling_7d'
        and {{ in_slices('days.period_type, days.period_start') }}
        and daily.category = 'all'

)

{% for subject_type, subject_column in subjects.items() -%}
select
    period_type,
    period_start,
    hall_id,
    cast('{{ subject_type }}' as char(16)) as subject_type,
    cast({{ subject_column }} as char(64)) as subject_id,
    cast(category as char(64)) as category,
    cast(sum(text_count) as signed) as text_count
from texts
where {{ subject_column }} is not null
group by period_type, period_start, hall_id, {{ subject_column }}, category
{%- if not loop.last %}
union all
{% endif -%}
{%- endfor %}
