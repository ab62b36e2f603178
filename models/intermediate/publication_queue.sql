-- What is to be published: periods closed long enough, approved corrections, upheld appeals. A view, asked
-- while publishing. base_number: the publication to take the rows from; null for those that hold now.
{{ config(materialized='view') }}

with

latest_publications as (

    select period_type, period_start, period_end, max(revision) as revision,
        max(publication_number) as publication_number
    from {{ source('ledger', 'publications') }}
    group by period_type, period_start, period_end

),

-- Periods whose three tables all hold what is known now: not those that a killed build left half-way.
settled_periods as (

    select versions.period_type, versions.period_start
    from {{ ref('period_versions') }} as versions
    inner join {{ slice_versions() }} as held
        on versions.slice = held.slice and versions.score_version = held.version
    where held.model_name in ('score_components', 'dimension_scores', 'scores')
    group by versions.period_type, versions.period_start
    having count(*) = 3

),

first_publications as (

    select periods.period_type, periods.period_start, periods.period_end
    from {{ ref('periods') }} as periods
    inner join settled_periods as settled
        on periods.period_type = settled.period_type and periods.period_start = settled.period_start
    inner join {{ ref('stg_metric_parameters') }} as starts
        on starts.parameter = 'publish_from'
        and {{ as_of_date() }} between starts.valid_from and starts.valid_to
        and periods.period_start >= starts.parameter_date
    inner join {{ ref('stg_metric_parameters') }} as lags
        on lags.parameter = 'publication_lag' and periods.period_start between lags.valid_from and lags.valid_to
    left join latest_publications as latest
        on periods.period_type = latest.period_type and periods.period_start = latest.period_start
    where
        latest.revision is null
        and periods.is_closed
        and cast(periods.period_end as datetime(6)) + interval 1 + cast(lags.parameter_value as signed) day
        <= {{ as_of_moment() }}

),

corrections as (

    select
        corrections.*,
        latest.period_end,
        latest.revision + row_number() over (
            partition by corrections.period_type, corrections.period_start
            order by corrections.approved_at, corrections.correction_id
        ) as revision
    from {{ ref('stg_corrections') }} as corrections
    inner join latest_publications as latest
        on corrections.period_type = latest.period_type and corrections.period_start = latest.period_start
    inner join settled_periods as settled
        on corrections.period_type = settled.period_type and corrections.period_start = settled.period_start
    where
        corrections.is_approved
        and corrections.correction_id not in (
            select correction_id from {{ source('ledger', 'publications') }} where correction_id is not null
        )

),

-- A correction takes in all upheld appeals, too.
appeals as (

    select
        latest.period_type, latest.period_start, latest.period_end, latest.revision, latest.publication_number,
        group_concat(appeals.appeal_id order by appeals.appeal_id separator ', ') as appeal_ids
    from {{ ref('appeal_components') }} as appeals
    inner join latest_publications as latest
        on appeals.period_type = latest.period_type and appeals.period_start = latest.period_start
    left join {{ source('ledger', 'components') }} as published
        on latest.publication_number = published.publication_number
        and appeals.hall_id = published.hall_id
        and appeals.subject_type = published.subject_type
        and appeals.subject_id = published.subject_id
        and appeals.appeal_id = published.appeal_id
    left join corrections
        on appeals.period_type = corrections.period_type and appeals.period_start = corrections.period_start
    where published.appeal_id is null and corrections.correction_id is null
    group by
        latest.period_type, latest.period_start, latest.period_end, latest.revision, latest.publication_number

)

select
    period_type, period_start, period_end, 1 as revision, 'period' as kind, cast(null as char(64)) as correction_id,
    cast(null as char(500)) as reason, cast(null as char(64)) as author, cast(null as char(64)) as approved_by,
    cast(null as signed) as base_number
from first_publications
union all
select
    period_type, period_start, period_end, revision, 'correction' as kind, correction_id, reason, author, approved_by,
    null as base_number
from corrections
union all
select
    period_type, period_start, period_end, revision + 1 as revision, 'appeal' as kind, null as correction_id,
    left(appeal_ids, 500) as reason, null as author, null as approved_by, publication_number as base_number
from appeals
