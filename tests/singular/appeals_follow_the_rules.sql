-- Appeals about an unpublished score, decided by the appellant, or after the time limit are not applied. The build
-- of appeal_outcomes lists each.
-- depends_on: {{ ref('published_scores') }} (or else a failure would stop it)
select appeal_id, problem
from {{ ref('appeal_outcomes') }}
where problem is not null
