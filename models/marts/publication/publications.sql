-- depends_on: {{ ref('publish_upheld_appeals') }}
{{ config(materialized='view', contract={'enforced': false}) }}

with

latest_revisions as (

    select period_type, period_start, max(revision) as revision
    from {{ source('ledger', 'publications') }}
    group by period_type, period_start

)

select
    published.*,
    published.revision = latest_revisions.revision as is_latest
from {{ source('ledger', 'publications') }} as published
inner join latest_revisions
    on published.period_type = latest_revisions.period_type
    and published.period_start = latest_revisions.period_start
