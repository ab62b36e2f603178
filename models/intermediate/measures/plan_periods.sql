-- Hashes of what the measures and scores of each period are built from. A period whose hash has changed is built
-- again.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start']) }}
{%- set in_order = 'over (partition by scored.period_type order by scored.period_start)' %}

with

periods as (

    select
        period_type,
        period_start,
        period_end,
        is_closed,
        {{ fingerprint(['period_type', 'period_start', 'is_closed'] + parameter_names()) }} as period_fingerprint
    from {{ ref('int_periods') }}

),

grids as (

    select
        period_type,
        period_start,
        {{ rows_fingerprint(['hall_id', 'subject_type', 'subject_id', 'rule_set', 'peer_group']) }} as grid_fingerprint
    from {{ ref('int_subject_periods') }}
    group by period_type, period_start

),

days as (

    select
        period_days.period_type,
        period_days.period_start,
        {{ rows_fingerprint([
            'period_days.calendar_date', 'versions.day_version', 'versions.complaint_version',
            'versions.callback_version', 'versions.merit_version',
        ]) }} as days_fingerprint
    from {{ ref('int_period_days') }} as period_days
    inner join {{ ref('plan_days') }} as versions on period_days.calendar_date = versions.calendar_date
    group by period_days.period_type, period_days.period_start

),

-- Quarters and years are sums of months, and they count months without complaints.
months as (

    select
        periods.period_type,
        periods.period_start,
        {{ rows_fingerprint(['months.period_fingerprint']) }} as months_fingerprint
    from periods
    inner join periods as months
        on months.period_type = 'month' and months.period_start between periods.period_start and periods.period_end
    where periods.period_type in ('quarter', 'year')
    group by periods.period_type, periods.period_start

),

-- Complaints and callbacks get their department here: their daily rows have no window.
departments as (

    select {{ rows_fingerprint(['hall_id', 'window_id', 'department']) }} as departments_fingerprint
    from {{ ref('stg_windows') }}

),

definitions as (

    select {{ rows_fingerprint(['metric', 'is_divided', 'is_of_items']) }} as definitions_fingerprint
    from {{ ref('stg_metric_definitions') }}

),

measures as (

    select
        periods.*,
        {{ fingerprint([
            'periods.period_fingerprint', 'grids.grid_fingerprint', 'days.days_fingerprint',
            'months.months_fingerprint', 'departments.departments_fingerprint', 'definitions.definitions_fingerprint',
        ]) }} as measure_version
    from periods
    cross join departments
    cross join definitions
    left join grids on periods.period_type = grids.period_type and periods.period_start = grids.period_start
    left join days on periods.period_type = days.period_type and periods.period_start = days.period_start
    left join months on periods.period_type = months.period_type and periods.period_start = months.period_start

),

texts as (

    select
        period_days.period_type,
        period_days.period_start,
        {{ rows_fingerprint(['period_days.calendar_date', 'versions.text_version']) }} as own_text_version
    from {{ ref('int_period_days') }} as period_days
    inner join {{ ref('plan_days') }} as versions on period_days.calendar_date = versions.calendar_date
    where versions.text_version is not null
    group by period_days.period_type, period_days.period_start

),

-- Parameters of other marts; a change of these rescores nothing.
other_parameters as (

    select
        periods.period_type,
        periods.period_start,
        max(case when parameters.parameter = 'pain_point_minimum_texts' then parameters.parameter_value end)
            as pain_point_minimum_texts,
        max(case when parameters.parameter = 'wanted_rating_coverage' then parameters.parameter_value end)
            as wanted_rating_coverage
    from periods
    inner join {{ ref('stg_metric_parameters') }} as parameters
        on periods.period_start between parameters.valid_from and parameters.valid_to
    group by periods.period_type, periods.period_start

),

rules as (

    select valid_from, valid_to, rule_hash from {{ ref('stg_scoring_rules') }}
    union all
    select
        valid_from,
        valid_to,
        {{ fingerprint(["'weight'", 'rule_set', 'dimension', 'weight', 'min_score', 'max_score']) }} as rule_hash
    from {{ ref('stg_dimension_weights') }}

),

judged as (

    select
        periods.period_type,
        periods.period_start,
        {{ rows_fingerprint(['rules.rule_hash']) }} as rules_fingerprint
    from periods
    inner join rules on periods.period_start between rules.valid_from and rules.valid_to
    group by periods.period_type, periods.period_start

),

-- Exemptions, directions of metrics, and the rule book hash that the scores show.
books as (

    select
        period_type,
        period_start,
        {{ rows_fingerprint(['rule_set', 'rule_book_hash']) }} as books_fingerprint
    from {{ ref('int_rule_book_hashes') }}
    group by period_type, period_start

),

-- Halls whose audits match too rarely.
provisional_halls as (

    select period_type, period_start, {{ rows_fingerprint(['hall_id']) }} as halls_fingerprint
    from {{ ref('int_period_audits') }}
    where auditor = '*' and is_below_minimum
    group by period_type, period_start

),

scored as (

    select
        measures.*,
        {{ fingerprint([
            'measures.measure_version', 'judged.rules_fingerprint', 'books.books_fingerprint',
            'provisional_halls.halls_fingerprint',
        ]) }} as score_version
    from measures
    left join judged
        on measures.period_type = judged.period_type and measures.period_start = judged.period_start
    left join books
        on measures.period_type = books.period_type and measures.period_start = books.period_start
    left join provisional_halls
        on measures.period_type = provisional_halls.period_type
        and measures.period_start = provisional_halls.period_start

),

-- `lag` adds the period before. A self-join would compute all of this twice.
chained as (

    select
        scored.*,
        texts.own_text_version,
        lag(scored.score_version) {{ in_order }} as score_version_before,
        lag(scored.period_start) {{ in_order }} as period_start_before,
        lag(texts.own_text_version) {{ in_order }} as text_version_before
    from scored
    left join texts on scored.period_type = texts.period_type and scored.period_start = texts.period_start

)

select
    cast(concat(chained.period_type, ' ', chained.period_start) as char(64)) as slice,
    chained.period_type,
    chained.period_start,
    chained.measure_version,
    chained.score_version,
    {{ fingerprint(['chained.score_version', 'chained.score_version_before']) }} as change_version,
    case
        when chained.period_type <> 'rolling_7d'
            then {{ fingerprint([
                'chained.is_closed', 'parameters.pain_point_minimum_texts', 'chained.own_text_version',
                'chained.period_start_before', 'chained.text_version_before',
            ]) }}
    end as text_version,
    case
        when chained.period_type <> 'rolling_7d'
            then {{ fingerprint(['chained.measure_version', 'parameters.wanted_rating_coverage']) }}
    end as channel_version
from chained
left join other_parameters as parameters
    on chained.period_type = parameters.period_type and chained.period_start = parameters.period_start
