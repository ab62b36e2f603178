-- No appeal about a score that was never published, decided by the one who made it, or beyond the limit: none of
-- these is applied, and each is named while appeal_outcomes is built.
-- depends_on: {{ ref('published_scores') }} (or else a failure would stop it)
select appeal_id, problem
from {{ ref('appeal_outcomes') }}
where problem is not null
