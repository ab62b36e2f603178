-- No join drops or doubles rows: each mart has exactly the rows of its grid.
{%- set in_written = in_written_periods('period_type, period_start') %}
with

grid as (

    select
        subject_type = 'item' as is_item, rule_set, period_type, period_start, subject_type, count(*) as subject_count
    from {{ ref('int_subject_periods') }}
    where {{ in_written }}
    group by 1, 2, 3, 4, 5

),

-- The marts' rows for each subject; null means all. In one table, so that the grid is computed once.
rows_of_a_subject as (

    select
        'scores' as mart, null as rule_set, null as subject_type, null as period_type,
        cast(null as date) as valid_from, cast(null as date) as valid_to, 0 as is_of_items
    union all
    select
        'metrics' as mart, null as rule_set, null as subject_type, null as period_type, null as valid_from,
        null as valid_to, is_of_items
    from {{ ref('stg_metric_definitions') }}
    where is_measured = 1
    union all
    select
        'dimension_scores' as mart, rule_set, null as subject_type, null as period_type, valid_from, valid_to,
        0 as is_of_items
    from {{ ref('stg_dimension_weights') }}
    union all
    select 'score_components' as mart, rule_set, subject_type, period_type, valid_from, valid_to, 0 as is_of_items
    from {{ ref('stg_scoring_rules') }}

),

expected as (

    select rows_of_a_subject.mart, sum(grid.subject_count) as row_count
    from grid
    inner join rows_of_a_subject
        on grid.is_item <= rows_of_a_subject.is_of_items
        and (rows_of_a_subject.rule_set is null or grid.rule_set = rows_of_a_subject.rule_set)
        and (rows_of_a_subject.subject_type is null or grid.subject_type = rows_of_a_subject.subject_type)
        and (rows_of_a_subject.period_type is null or grid.period_type = rows_of_a_subject.period_type)
        and (
            rows_of_a_subject.valid_from is null
            or grid.period_start between rows_of_a_subject.valid_from and rows_of_a_subject.valid_to
        )
    group by rows_of_a_subject.mart
    union all
    select 'rankings' as mart, sum(status = 'scored') as row_count
    from {{ ref('standing_scores') }}
    where {{ in_written }}
    union all
    -- The official scores are those of the latest publication, or the live ones if there is none.
    select 'standing_scores' as mart, count(*) as row_count
    from (
        select 1
        from {{ ref('scores') }} as scores
        left join {{ ref('publications') }} as publications
            on scores.period_type = publications.period_type and scores.period_start = publications.period_start
        where
            {{ in_written_periods('scores.period_type, scores.period_start') }}
            and publications.publication_number is null
        union all
        select 1
        from {{ ref('published_scores') }} as published
        where {{ in_written }} and published.is_latest
    ) as official

),

found as (

    {% for mart in [
        'scores', 'metrics', 'dimension_scores', 'score_components', 'standing_scores', 'rankings',
    ] -%}
    select '{{ mart }}' as mart, count(*) as row_count
    from {{ ref(mart) }}
    where {{ in_written }}
    {{- " union all" if not loop.last }}
    {% endfor %}

)

select expected.mart, expected.row_count as expected, found.row_count as found
from expected
inner join found on expected.mart = found.mart
where coalesce(expected.row_count, 0) <> found.row_count
