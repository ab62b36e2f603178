-- Texts in each category, by day, hall, window and item: comments of counted ratings, and counted complaints. Texts
-- stop here: later models get hashes, categories and counts only.
{{ config(
    materialized='incremental',
    slice_by=['text_date'],
    version='text_version',
    indexes=[['text_date']],
) }}

with

keywords as (

    select category, lower(keyword) as lower_keyword, valid_from, valid_to
    from {{ ref('stg_pain_point_keywords') }}

),

written_texts as (

    select feedback_date as text_date, sha2(comment_text, 256) as text_hash, lower(comment_text) as lower_text
    from {{ ref('stg_comments') }}
    where comment_text is not null and {{ in_slices('feedback_date') }}
    union all
    select complaint_date as text_date, sha2(complaint_text, 256) as text_hash, lower(complaint_text) as lower_text
    from {{ ref('stg_complaints') }}
    where complaint_text is not null and {{ in_slices('complaint_date') }}

),

-- `instr` reads % and _ in a keyword literally; `like` would not.
text_categories as (

    select distinct written_texts.text_date, written_texts.text_hash, keywords.category
    from written_texts
    inner join keywords
        on written_texts.text_date between keywords.valid_from and keywords.valid_to
        and instr(written_texts.lower_text, keywords.lower_keyword) > 0

),

counted_texts as (

    select feedback_date as text_date, comment_hash as text_hash, hall_id, window_id, item_code
    from {{ ref('int_ratings') }}
    where outcome in ('counted', 'repaired') and comment_hash is not null and {{ in_slices('feedback_date') }}
    union all
    select complaint_date as text_date, text_hash, hall_id, window_id, null as item_code
    from {{ ref('int_complaints') }}
    where text_hash is not null and {{ in_slices('complaint_date') }}

),

categorized_texts as (

    select
        counted_texts.text_date,
        counted_texts.hall_id,
        counted_texts.window_id,
        counted_texts.item_code,
        coalesce(text_categories.category, 'unclassified') as category
    from counted_texts
    left join text_categories
        on counted_texts.text_date = text_categories.text_date and counted_texts.text_hash = text_categories.text_hash
    union all
    select text_date, hall_id, window_id, item_code, 'all' as category
    from counted_texts

)

select
    text_date,
    hall_id,
    window_id,
    cast(item_code as char(64)) as item_code,
    cast(category as char(64)) as category,
    count(*) as text_count
from categorized_texts
group by text_date, hall_id, window_id, item_code, category
