-- What this build published because an appeal was upheld: the rows of the revision before, plus the adjustment. No
-- other new data come in with it.
-- depends_on: {{ ref('stg_metric_definitions') }}
{{ config(materialized='publication', primary_key=['period_type', 'period_start', 'revision']) }}

select
    latest.period_type,
    latest.period_start,
    latest.period_end,
    cast(latest.revision + 1 as signed) as revision,
    cast('appeal' as char(16)) as kind,
    cast(null as char(64)) as correction_id,
    cast(left(
        group_concat(appeals.appeal_id order by appeals.appeal_id separator ', '), 500
    ) as char(500)) as reason,
    cast(null as char(64)) as author,
    cast(null as char(64)) as approved_by,
    cast(latest.publication_number as signed) as previous_number
from {{ ref('int_appeals') }} as appeals
inner join {{ source('ledger', 'publications') }} as latest
    on appeals.publication_number = latest.publication_number
where appeals.is_to_be_applied
group by latest.period_type, latest.period_start, latest.period_end, latest.revision, latest.publication_number
