-- Publishes what publication_queue says is due (see the materialization), and shows what is published.
-- A data test that fails on the marts before it stops it.
-- depends_on: {{ ref('publication_queue') }}, {{ ref('publishable_components') }}
-- depends_on: {{ ref('publishable_dimension_scores') }}, {{ ref('publishable_scores') }}
-- depends_on: {{ ref('appeal_components') }}, {{ ref('data_quality') }}
{{ config(materialized='publication', contract={'enforced': false}) }}

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
