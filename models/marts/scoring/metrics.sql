{{ config(
    materialized='incremental',
    slice_by=['period_type', 'period_start'],
    version='measure_version',
    primary_key=['period_type', 'period_start', 'hall_id', 'subject_type', 'subject_id', 'metric'],
    indexes=[['hall_id', 'subject_type', 'subject_id', 'period_type', 'period_start']],
) }}

{#- metric: numerator, denominator, sample, what must be attributable. Whether the value is their quotient or the
    numerator alone is is_divided of metric_definitions.csv. -#}
{%- set metrics = {
    'avg_process_minutes': ('process_minutes', 'case_count', 'case_count', 'cases_attributable'),
    'case_mix_process_minutes': (
        'standard_case_minutes * case_mix_reference_minutes', 'expected_minutes', 'standard_case_count',
        'cases_attributable',
    ),
    'first_visit_completion_rate': ('completed_count', 'case_count', 'case_count', 'cases_attributable'),
    'digital_usage_rate': ('digital_count', 'known_channel_count', 'known_channel_count', 'cases_attributable'),
    'avg_wait_minutes': ('wait_minutes', 'wait_count', 'wait_count', 'cases_attributable'),
    'wait_within_target_rate': ('within_target_count', 'wait_count', 'wait_count', 'cases_attributable'),
    'p90_wait_minutes': ('p90_wait_minutes', 'wait_count', 'wait_count', 'cases_attributable'),
    'avg_rating': ('star_count', 'rating_count', 'rating_count', 'ratings_attributable'),
    'satisfied_rate': ('satisfied_count', 'rating_count', 'rating_count', 'ratings_attributable'),
    'rating_coverage_rate': (
        'rating_count', 'case_count', 'case_count', 'cases_attributable and ratings_attributable',
    ),
    'complaint_count': ('complaint_count', 'null', 'case_count', 'complaints_attributable'),
    'complaint_timely_rate': ('timely_count', 'due_count', 'due_count', 'complaints_attributable'),
    'negative_feedback_callback_rate': (
        'callback_count', 'callback_due_count', 'callback_due_count',
        'ratings_attributable and complaints_attributable',
    ),
    'merit_quantity': ('merit_quantity', 'null', 'case_count', '1'),
    'zero_complaint_months': (
        'zero_complaint_month_count', 'month_count', 'coalesce(month_count, 0)', 'complaints_attributable',
    ),
} %}

with

definitions as (

    select metric, is_divided, is_of_items from {{ ref('stg_metric_definitions') }}

),

measures as (

    select
        measures.*,
        case
            when measures.period_type in ('quarter', 'year') then coalesce(months.zero_complaint_month_count, 0)
        end as zero_complaint_month_count,
        case when measures.period_type in ('quarter', 'year') then coalesce(months.month_count, 0) end as month_count
    from {{ ref('int_period_measures') }} as measures
    left join {{ ref('int_zero_complaint_months') }} as months
        on {{ same_subject_period('measures', 'months') }}
    where {{ in_slices('measures.period_type, measures.period_start') }}

)

{# Twenty decimals, so that the quotient is exact where it is rounded to ten: with the server's own four more,
   899999 of 1000000 would cross a threshold. Each metric is finished by itself: from a list of all, MariaDB
   and MySQL would keep that list on disk first. -#}
{%- for metric, (numerator, denominator, sample, is_attributable) in metrics.items() -%}
{%- set exact_numerator = 'cast(' ~ numerator ~ ' as decimal(45, 20))' -%}
{%- set exact_denominator = 'cast(' ~ denominator ~ ' as decimal(20, 10))' -%}
{#- A numerator is null where its parameter is not in force yet. -#}
{%- set has_data = numerator ~ ' is not null'
    ~ ('' if denominator == 'null' else ' and coalesce(' ~ denominator ~ ', 0) > 0') -%}
select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    definitions.metric,
    period_end,
    is_closed,
    cast({{ exact_numerator }} as decimal(20, 10)) as numerator,
    {{ exact_denominator }} as denominator,
    case
        when {{ is_attributable }} and {{ has_data }}
            then cast(
                {{ exact_numerator }} / case when definitions.is_divided then {{ exact_denominator }} else 1 end
                as decimal(20, 10)
            )
    end as value,
    {{ sample }} as sample_size,
    cast(
        case
            when not ({{ is_attributable }}) then 'not_attributable'
            when not ({{ has_data }}) then 'no_data'
            else 'measured'
        end as char(16)
    ) as status,
    '{{ invocation_id }}' as build_id
from measures
inner join definitions on definitions.metric = '{{ metric }}'
where measures.subject_type <> 'item' or definitions.is_of_items
{%- if not loop.last %}
union all
{% endif -%}
{%- endfor %}
