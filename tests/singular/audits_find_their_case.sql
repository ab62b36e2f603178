-- An audited case is not counted if it is not in the log, or if two halls used its id on one day.
{{ config(severity='warn') }}

select audit_id, outcome
from {{ ref('int_audited_cases') }}
where outcome <> 'compared'
