-- Daily measures by subject. A hall is not the sum of its windows: a row without a window counts for the hall only.
{{ config(
    materialized='incremental',
    slice_by=['activity_date'],
    partition_by_month='activity_date',
    version='day_version',
    primary_key=['activity_date', 'hall_id', 'subject_type', 'subject_id'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'activity_date']],
) }}

{%- set measures = activity_measures() %}

with

cases as (

    select
        items.service_date as activity_date,
        items.hall_id,
        windows.department,
        items.window_id,
        items.clerk_id,
        items.item_code,
        {% for measure in case_measures() -%}
        items.{{ measure }},
        {% endfor -%}
        {% for measure, expression in item_measures().items() -%}
        {{ expression }} as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from {{ ref('int_cases_by_day') }} as items
    left join {{ ref('stg_windows') }} as windows
        on items.hall_id = windows.hall_id and items.window_id = windows.window_id
    left join {{ ref('stg_item_standards') }} as standards
        on items.item_code = standards.item_code
        and items.service_date between standards.valid_from and standards.valid_to
    where items.outcome in ('counted', 'repaired') and {{ in_slices('items.service_date') }}

),

ratings as (

    select
        feedback.*,
        windows.department,
        case when feedback.window_id is not null then feedback.rating_count else 0 end as rating_window_count,
        case when feedback.clerk_id is not null then feedback.rating_count else 0 end as rating_clerk_count
    from {{ ref('int_ratings_by_day') }} as feedback
    left join {{ ref('stg_windows') }} as windows
        on feedback.hall_id = windows.hall_id and feedback.window_id = windows.window_id
    where {{ in_slices('feedback.feedback_date') }}

),

-- Cases and ratings are summed separately and then joined, so that the last grouping is small.
subject_activity as (

    {% for subject_type, subject_column in dict(scored_subjects(), item='item_code').items() -%}
    select
        activity_date,
        hall_id,
        '{{ subject_type }}' as subject_type,
        {{ subject_column }} as subject_id,
        {% for measure in measures -%}
        {{ 0 if measure in rating_measures() else 'sum(' ~ measure ~ ')' }} as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from cases
    where {{ subject_column }} is not null
    group by activity_date, hall_id, {{ subject_column }}
    union all
    {% endfor -%}
    {%- for subject_type, subject_column in scored_subjects().items() -%}
    select
        feedback_date as activity_date,
        hall_id,
        '{{ subject_type }}' as subject_type,
        {{ subject_column }} as subject_id,
        {% for measure in measures -%}
        {{ 'sum(' ~ measure ~ ')' if measure in rating_measures() else 0 }} as {{ measure }}{{ "," if not loop.last }}
        {% endfor -%}
    from ratings
    where {{ subject_column }} is not null
    group by feedback_date, hall_id, {{ subject_column }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    activity_date,
    hall_id,
    cast(subject_type as char(16)) as subject_type,
    cast(subject_id as char(64)) as subject_id,
    {% for measure in measures -%}
    cast(sum({{ measure }}) as {{ measure_type(measure) }}) as {{ measure }}
    {{- "," if not loop.last }}
    {% endfor -%}
from subject_activity
group by activity_date, hall_id, subject_type, subject_id
