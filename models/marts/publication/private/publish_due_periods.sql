-- What this build published: periods closed for long enough, and approved corrections, with the current rows. A
-- failing data test on the marts stops it. See the materialization `publication`.
-- depends_on: {{ ref('scores') }}, {{ ref('score_components') }}, {{ ref('dimension_scores') }}
-- depends_on: {{ ref('stg_scoring_rules') }}, {{ ref('stg_dimension_weights') }}, {{ ref('stg_metric_definitions') }}
-- depends_on: {{ ref('dim_windows') }}, {{ ref('data_quality') }}
{{ config(materialized='publication', primary_key=['period_type', 'period_start', 'revision']) }}

with

latest_publications as (

    {{ latest_publications() }}

),

half_written_periods as (

    select distinct versions.period_type, versions.period_start
    from {{ ref('plan_components') }} as versions
    left join {{ slice_versions() }} as held
        on held.model_name = 'score_components'
        and versions.slice = held.slice
        and versions.component_version = held.version
    where held.slice is null

),

-- Periods whose three tables are all up to date, not those that a killed build left half-written.
settled_periods as (

    select versions.period_type, versions.period_start
    from {{ ref('plan_periods') }} as versions
    inner join {{ slice_versions() }} as held
        on versions.slice = held.slice and versions.score_version = held.version
    left join half_written_periods as half_written
        on versions.period_type = half_written.period_type and versions.period_start = half_written.period_start
    where held.model_name in ('dimension_scores', 'scores') and half_written.period_start is null
    group by versions.period_type, versions.period_start
    having count(*) = 2

),

due_periods as (

    select periods.period_type, periods.period_start, periods.period_end
    from {{ ref('int_periods') }} as periods
    inner join {{ ref('stg_metric_parameters') }} as starts
        on starts.parameter = 'publish_from'
        and {{ as_of_date() }} between starts.valid_from and starts.valid_to
        and periods.period_start >= starts.parameter_date
    inner join {{ ref('stg_metric_parameters') }} as lags
        on lags.parameter = 'publication_lag' and periods.period_start between lags.valid_from and lags.valid_to
    where
        periods.is_closed
        and cast(periods.period_end as datetime(6)) + interval 1 + cast(lags.parameter_value as signed) day
        <= {{ as_of_moment() }}

),

entries as (

    select
        due_periods.period_type, due_periods.period_start, due_periods.period_end, 1 as revision, 'period' as kind,
        null as correction_id, null as reason, null as author, null as approved_by, null as previous_number
    from due_periods
    left join latest_publications as latest
        on due_periods.period_type = latest.period_type and due_periods.period_start = latest.period_start
    where latest.revision is null
    union all
    select
        latest.period_type, latest.period_start, latest.period_end,
        latest.revision + row_number() over (
            partition by latest.period_type, latest.period_start
            order by corrections.approved_at, corrections.correction_id
        ) as revision,
        'correction' as kind, corrections.correction_id, corrections.reason, corrections.author,
        corrections.approved_by, latest.publication_number as previous_number
    from {{ ref('stg_corrections') }} as corrections
    inner join latest_publications as latest
        on corrections.period_type = latest.period_type and corrections.period_start = latest.period_start
    where
        corrections.is_approved
        and not exists (
            select 1
            from {{ source('ledger', 'publications') }} as published
            where
                published.period_type = corrections.period_type
                and published.period_start = corrections.period_start
                and published.correction_id = corrections.correction_id
        )

)

select
    entries.period_type,
    entries.period_start,
    entries.period_end,
    cast(entries.revision as signed) as revision,
    cast(entries.kind as char(16)) as kind,
    cast(entries.correction_id as char(64)) as correction_id,
    cast(entries.reason as char(500)) as reason,
    cast(entries.author as char(64)) as author,
    cast(entries.approved_by as char(64)) as approved_by,
    cast(entries.previous_number as signed) as previous_number
from entries
inner join settled_periods as settled
    on entries.period_type = settled.period_type and entries.period_start = settled.period_start
