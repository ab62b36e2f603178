-- For each hall and period: how many rows of each table there are, and how many name a window or a clerk.
{{ config(primary_key=['period_type', 'period_start', 'hall_id']) }}

with

row_counts as (

    {# A case handled online or at a machine rightly names no clerk: only counter cases tell. -#}
    {% for table_name, model, date_column, row_count in [
        ('case', 'daily_items', 'service_date', 'counter_count'),
        ('rating', 'daily_feedback', 'feedback_date', 'rating_count'),
        ('complaint', 'counted_complaints', 'complaint_date', '1'),
    ] -%}
    select
        hall_id,
        {{ date_column }} as activity_date,
        '{{ table_name }}' as counted_table,
        {{ row_count }} as row_count,
        case when window_id is not null then {{ row_count }} else 0 end as window_count,
        case when clerk_id is not null then {{ row_count }} else 0 end as clerk_count
    from {{ ref(model) }}
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

)

select
    days.period_type,
    days.period_start,
    row_counts.hall_id
    {%- for table_name in ['case', 'rating', 'complaint'] -%}
    {%- for counted in ['row', 'window', 'clerk'] -%}
    ,
    cast(sum(
        case when row_counts.counted_table = '{{ table_name }}' then row_counts.{{ counted }}_count else 0 end
    ) as signed) as {{ table_name }}_{{ counted }}_count
    {%- endfor -%}
    {%- endfor %}
from row_counts
inner join {{ ref('period_days') }} as days on row_counts.activity_date = days.calendar_date
group by days.period_type, days.period_start, row_counts.hall_id
