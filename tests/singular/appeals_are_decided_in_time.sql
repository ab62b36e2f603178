-- A late decision stays valid, so that the appellant has no disadvantage.
{{ config(severity='warn') }}

select appeal_id, due_on, decided_at
from {{ ref('appeal_outcomes') }}
where is_overdue
