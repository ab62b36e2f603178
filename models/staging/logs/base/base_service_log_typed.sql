-- Each logged case with typed columns. It is a view of its own, so that a query for days and ids reads only the
-- index.
{%- set columns = raw_columns_of('service_log', ['service_date', 'process_time', 'is_completed']) %}
{%- set ids = ['log_id', 'hall_id', 'window_id', 'clerk_id', 'item_code'] %}
{%- set times = ['ticket_time', 'start_time', 'end_time'] %}

select
    {{ raw_day(columns, 'service_date') }} as service_date,
    {{ raw_slice_day(columns, 'service_date') }} as service_day,
    {{ raw_number(columns, 'process_time') }} as recorded_minutes,
    {{ raw_number(columns, 'is_completed') }} as is_completed,
    {{ raw_id(columns, 'log_id') }} as log_id,
    {{ '`log_id`' if is_plain_text(columns, 'log_id') else raw_id(columns, 'log_id') }} as recorded_log_id,
    coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
    {{ raw_id(columns, 'window_id') }} as window_id,
    {{ raw_id(columns, 'clerk_id') }} as clerk_id,
    {{ raw_id(columns, 'item_code') }} as item_code,
    {{ raw_text(columns, 'channel') }} as recorded_channel,
    {{ raw_datetime(columns, 'ticket_time', has_zero_dates=true) }} as ticket_time,
    {{ raw_datetime(columns, 'start_time', has_zero_dates=true) }} as recorded_start_time,
    {{ raw_datetime(columns, 'end_time', has_zero_dates=true) }} as recorded_end_time,
    {{ is_unreadable_time(columns, times, has_zero_dates=true) }} as has_unreadable_time,
    {{ id_issue(columns, ids) }} as id_issue,
    {{ has_long_id(columns, ids) }} as has_long_id
from {{ raw_table('service_log', columns) }}
