-- Each case with its outcome. This is the only model that reads the service log row by row. It holds no threshold,
-- so a changed rule needs no recount. It looks for copies only among log ids that occur twice on a day: sorting all
-- rows would take longer than everything else.
{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    partition_by_month='service_date',
    version='case_version',
    indexes=[['service_date']],
) }}

with

cases as (

    select *
    from {{ ref('base_service_log') }}
    where {{ in_slices('service_date') }}

),

mended_ids as (

    select *
    from {{ ref('int_mended_ids') }}
    where {{ in_slices('service_date') }}

),

-- Read in the order of the raw table's index, so that nothing is sorted. A condition on the id would break that
-- order; a missing id is not counted. A mended id may repeat one that needed no mending.
repeated_ids as (

    select service_date, recorded_log_id
    from {{ ref('base_service_log_typed') }}
    where {{ in_slices('service_date') }}
    group by service_date, recorded_log_id
    having count(recorded_log_id) > 1
    union distinct
    select service_date, recorded_log_id
    from mended_ids
    union distinct
    select service_date, log_id as recorded_log_id
    from mended_ids

),

single_cases as (

    select
        cases.*,
        0 as has_repeated_id,
        cases.row_reject_reason as reject_reason
    from cases
    left join repeated_ids
        on cases.service_date = repeated_ids.service_date and cases.recorded_log_id = repeated_ids.recorded_log_id
    where repeated_ids.service_date is null

),

candidate_cases as (

    select cases.*
    from repeated_ids
    inner join cases
        on repeated_ids.service_date = cases.service_date and repeated_ids.recorded_log_id = cases.recorded_log_id

),

numbered as (

    select
        candidate_cases.*,
        {{ case_copy_number() }} as copy_number
    from candidate_cases

),

repeated_cases as (

    select
        numbered.*,
        1 as has_repeated_id,
        {{ reject_reason('log_id') }} as reject_reason
    from numbered

)

{% for relation in ['single_cases', 'repeated_cases'] -%}
select
    service_day as service_date,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    channel,
    cast({{ row_outcome('service_date > ' ~ as_of_date()) }} as char(16)) as outcome,
    cast(
        case when not coalesce(service_date > {{ as_of_date() }}, 0) then coalesce(reject_reason, issue) end
        as char(255)
    ) as reason,
    has_repeated_id,
    process_minutes,
    is_completed,
    wait_minutes,
    case when ticket_time >= '1900-01-01' then hour(ticket_time) end as ticket_hour,
    case when start_time >= '1900-01-01' then hour(start_time) end as start_hour
from {{ relation }}
{%- if not loop.last %}
union all
{% endif -%}
{%- endfor %}
