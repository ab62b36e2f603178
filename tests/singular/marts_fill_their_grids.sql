-- Nothing is dropped or doubled by a join: each mart has exactly the rows of its grid.
with

grid as (

    select
        subject_type = 'item' as is_item, rule_set, period_start, period_type, subject_type,
        count(*) as subject_count
    from {{ ref('subject_periods') }}
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
                'avg_process_minutes', 'case_mix_process_minutes', 'first_visit_completion_rate', 'digital_usage_rate'
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
    select
        'rankings' as mart,
        (
            select count(*)
            from {{ ref('scores') }} as scores
            left join {{ ref('publications') }} as publications
                on scores.period_type = publications.period_type and scores.period_start = publications.period_start
            where scores.status = 'scored' and publications.publication_number is null
        ) + (select count(*) from {{ ref('published_scores') }} where status = 'scored' and is_latest) as row_count

),

found as (

    {% for mart in ['scores', 'metrics', 'dimension_scores', 'score_components', 'rankings'] -%}
    select '{{ mart }}' as mart, count(*) as row_count from {{ ref(mart) }}{{ " union all" if not loop.last }}
    {% endfor %}

)

select expected.mart, expected.row_count as expected, found.row_count as found
from expected
inner join found on expected.mart = found.mart
where coalesce(expected.row_count, 0) <> found.row_count
