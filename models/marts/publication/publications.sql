-- depends_on: {{ ref('publish_upheld_appeals') }}
{{ config(materialized='view', contract={'enforced': false}) }}

with

latest as (

    {{ latest_publications() }}

)

select
    published.*,
    published.revision = latest.revision as is_latest
from {{ source('ledger', 'publications') }} as published
inner join latest
    on published.period_type = latest.period_type and published.period_start = latest.period_start
