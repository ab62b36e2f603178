-- An audited case that is not in the log, or whose id two halls used on one day, counts for nobody.
{{ config(severity='warn') }}

select audit_id, outcome
from {{ ref('int_audited_cases') }}
where outcome <> 'compared'
