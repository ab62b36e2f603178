-- Hashes of what standing scores and ranks of each period are built from: its latest publication, or the live
-- scores without one. Ranks also depend on the period before.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start']) }}

with

standing as (

    select
        versions.slice,
        versions.period_type,
        versions.period_start,
        periods.period_end,
        coalesce(publications.publication_hash, versions.score_version) as standing_version
    from {{ ref('plan_periods') }} as versions
    inner join {{ ref('int_periods') }} as periods
        on versions.period_type = periods.period_type and versions.period_start = periods.period_start
    left join {{ ref('publications') }} as publications
        on versions.period_type = publications.period_type
        and versions.period_start = publications.period_start
        and publications.is_latest

)

select
    standing.slice,
    standing.period_type,
    standing.period_start,
    standing.standing_version,
    {{ fingerprint(['standing.standing_version', 'previous.standing_version']) }} as ranking_version
from standing
left join standing as previous
    on standing.period_type = previous.period_type
    and standing.period_start = date_add(previous.period_end, interval 1 day)
