-- What each period's ranks are built from: its latest publication, or the live scores while it has none; and
-- those of the period before.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start']) }}

with

ranked as (

    select
        versions.slice,
        versions.period_type,
        versions.period_start,
        periods.period_end,
        coalesce(publications.publication_hash, versions.score_version) as ranked_version
    from {{ ref('plan_periods') }} as versions
    inner join {{ ref('int_periods') }} as periods
        on versions.period_type = periods.period_type and versions.period_start = periods.period_start
    left join {{ ref('publications') }} as publications
        on versions.period_type = publications.period_type
        and versions.period_start = publications.period_start
        and publications.is_latest

)

select
    ranked.slice,
    ranked.period_type,
    ranked.period_start,
    {{ fingerprint(['ranked.ranked_version', 'previous.ranked_version']) }} as ranking_version
from ranked
left join ranked as previous
    on ranked.period_type = previous.period_type
    and ranked.period_start = date_add(previous.period_end, interval 1 day)
