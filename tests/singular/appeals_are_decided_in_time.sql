-- What is late stays valid: whoever appealed is not to suffer for it.
{{ config(severity='warn') }}

select appeal_id, due_on, decided_at
from {{ ref('appeal_outcomes') }}
where is_overdue
