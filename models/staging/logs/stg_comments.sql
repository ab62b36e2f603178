-- Comments of citizens: for the internal hall page, which masks and then cuts them (cutting first could leave half
-- a number or name unmasked), and for pain points, which keep no text.
{{ config(materialized='view') }}
{%- set columns = raw_columns_of('feedback', ['date', 'rating']) %}

select
    {{ raw_day(columns, 'date') }} as feedback_date,
    coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
    {{ raw_id(columns, 'window_id') }} as window_id,
    {{ raw_text(columns, 'rating') }} as recorded_rating,
    {{ citizen_text(columns, 'comment') }} as comment_text
from {{ raw_table('feedback', columns) }}
