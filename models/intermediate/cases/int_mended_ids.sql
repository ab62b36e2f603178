-- Log ids whose logged form differs from the form they are compared in. The index finds a case only by its logged
-- form. There are usually very few, so they have a table of their own: looking for a case then need not read the
-- days again.
{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    version='case_version',
    indexes=[['service_date'], ['log_id', 'service_date']],
) }}

select distinct service_date, log_id, recorded_log_id
from {{ ref('base_service_log_typed') }}
where recorded_log_id <> log_id and service_date = service_day and {{ in_slices('service_date') }}
