{%- set columns = raw_columns_of('corrections') %}

with

source_rows as (

    select
        {{ raw_id(columns, 'correction_id') }} as correction_id,
        {{ raw_text(columns, 'period_type') }} as period_type,
        {{ raw_date(columns, 'period_start') }} as period_start,
        {{ raw_text(columns, 'reason', 500, has_lines=true) }} as reason,
        {{ raw_id(columns, 'author') }} as author,
        {{ raw_id(columns, 'approved_by') }} as approved_by,
        {{ raw_datetime(columns, 'approved_at') }} as approved_at
    from {{ raw_table('corrections', columns) }}

),

numbered as (

    select
        source_rows.*,
        row_number() over (
            partition by correction_id order by approved_at, period_type, period_start, author, approved_by, reason
        ) as copy_number
    from source_rows

)

select
    correction_id,
    period_type,
    period_start,
    reason,
    author,
    approved_by,
    approved_at,
    -- Authors cannot approve their own corrections; a correction needs a reason and an author.
    coalesce(approved_at < {{ as_of_moment() }} and reason is not null and lower(approved_by) <> lower(author), 0)
        as is_approved
from numbered
where correction_id is not null and copy_number = 1
