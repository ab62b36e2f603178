-- depends_on: {{ ref('appeal_publications') }}
{{ config(materialized='view', contract={'enforced': false}) }}

select
    publications.*,
    publications.revision = latest.revision as is_latest
from {{ source('ledger', 'publications') }} as publications
inner join (
    select period_type, period_start, max(revision) as revision
    from {{ source('ledger', 'publications') }}
    group by period_type, period_start
) as latest
    on publications.period_type = latest.period_type and publications.period_start = latest.period_start
