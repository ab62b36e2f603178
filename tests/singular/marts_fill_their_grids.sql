-- Nothing is dropped or doubled by a join: each mart has exactly the rows of its grid.
with

checked_periods as (

    {{ written_periods() }}

),

grid as (

    select
        subject_periods.subject_type = 'item' as is_item, subject_periods.rule_set, subject_periods.period_start,
        subject_periods.period_type, subject_periods.subject_type, count(*) as subject_count
    from checked_periods
    inner join {{ ref('subject_periods') }} as subject_periods
        on checked_periods.period_type = subject_periods.period_type
        and checked_periods.period_start = subject_periods.period_start
    group by 1, 2, 3, 4, 5

),

expected as (

    select 'scores' as mart, sum(subject_count) as row_count from grid where not is_item
    union all
    select 'metrics' as mart, sum(subject_count) as row_count
    from grid
    inner join {{ ref('stg_metric_definitions') }} as definitions
        on definitions.is_measured = 1
        and (
            not grid.is_item
            or definitions.metric in (
                'avg_process_minutes', 'case_mix_process_minutes', 'first_visit_completion_rate', 'digital_usage_rate',
                'avg_wait_minutes'
            )
        )
    union all
    select 'dimension_scores' as mart, sum(subject_count) as row_count
    from grid
    inner join {{ ref('stg_dimension_weights') }} as weights
        on grid.rule_set = weights.rule_set and grid.period_start between weights.valid_from and weights.valid_to
    where not is_item
    union all
    select 'score_components' as mart, sum(subject_count) as row_count
    from grid
    inner join {{ ref('stg_scoring_rules') }} as rules
        on grid.rule_set = rules.rule_set
        and grid.period_start between rules.valid_from and rules.valid_to
        and grid.subject_type = coalesce(rules.subject_type, grid.subject_type)
        and grid.period_type = coalesce(rules.period_type, grid.period_type)
    where not is_item
    union all
    -- Published periods are ranked as they were published.
    select 'rankings' as mart, sum(ranked.status = 'scored') as row_count
    from (
        select scores.period_type, scores.period_start, scores.status
        from checked_periods
        inner join {{ ref('scores') }} as scores
            on checked_periods.period_type = scores.period_type and checked_periods.period_start = scores.period_start
        left join {{ ref('publications') }} as publications
            on scores.period_type = publications.period_type and scores.period_start = publications.period_start
        where publications.publication_number is null
        union all
        select published.period_type, published.period_start, published.status
        from checked_periods
        inner join {{ ref('published_scores') }} as published
            on checked_periods.period_type = published.period_type
            and checked_periods.period_start = published.period_start
        where published.is_latest
    ) as ranked

),

found as (

    {% for mart in ['scores', 'metrics', 'dimension_scores', 'score_components', 'rankings'] -%}
    select '{{ mart }}' as mart, count(*) as row_count
    from checked_periods
    inner join {{ ref(mart) }} as {{ mart }}
        on checked_periods.period_type = {{ mart }}.period_type
        and checked_periods.period_start = {{ mart }}.period_start
    {{- " union all" if not loop.last }}
    {% endfor %}

)

select expected.mart, expected.row_count as expected, found.row_count as found
from expected
inner join found on expected.mart = found.mart
where coalesce(expected.row_count, 0) <> found.row_count
