{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    partition_by_month='service_date',
    version='case_version',
    indexes=[['service_date']],
) }}

select
    service_date,
    hall_id,
    window_id,
    clerk_id,
    item_code,
    outcome,
    reason,
    has_repeated_id,
    {% for measure, expression in case_measures().items() -%}
    cast(sum({{ expression }}) as {{ measure_type(measure) }}) as {{ measure }}{{ "," if not loop.last }}
    {% endfor -%}
from {{ ref('int_cases') }}
where {{ in_slices('service_date') }}
group by service_date, hall_id, window_id, clerk_id, item_code, outcome, reason, has_repeated_id
