-- The log ids that a day's log has in another form than they are compared in: an index finds a case by the form on
-- record alone. Hardly any, as a rule; by itself, so that who looks for a case need not read the days again.
{{ config(
    materialized='incremental',
    slice_by=['service_date'],
    version='case_version',
    indexes=[['service_date'], ['log_id', 'service_date']],
) }}

select distinct service_date, log_id, recorded_log_id
from {{ ref('base_service_log_typed') }}
where recorded_log_id <> log_id and service_date = service_day and {{ in_slices('service_date') }}
