{{ config(post_hook=["{{ raise_rule_problems() }}", "{{ raise_old_ledger() }}"]) }}

{%- set subject_types = ['hall', 'department', 'window', 'clerk'] -%}
{%- set period_types = ['rolling_7d', 'week', 'month', 'quarter', 'year'] -%}
{%- set closed_types = ['week', 'month', 'quarter', 'year'] -%}
{%- set rule_key = ['rule_set', 'rule_id', 'valid_from'] %}

with

rules as (

    select
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_text('rule_id') }} as rule_id,
        {{ seed_text('dimension') }} as dimension,
        {{ seed_text('metric') }} as metric,
        {{ seed_text('subject_type') }} as subject_type,
        {{ seed_text('period_type') }} as period_type,
        {{ seed_text('rule_type') }} as rule_type,
        {{ seed_number('lower_bound') }} as lower_bound,
        {{ seed_number('upper_bound') }} as upper_bound,
        {{ seed_number('benchmark') }} as benchmark,
        {{ seed_number('points') }} as points,
        {{ seed_number('points_per_unit') }} as points_per_unit,
        {{ seed_number('min_points') }} as min_points,
        {{ seed_number('max_points') }} as max_points,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        concat_ws('/', rule_set, rule_id, valid_from) as row_key
    from {{ ref('scoring_rules') }}

),

weights as (

    select
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_text('dimension') }} as dimension,
        {{ seed_number('weight') }} as weight,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        concat_ws('/', rule_set, dimension, valid_from) as row_key
    from {{ ref('dimension_weights') }}

),

assignments as (

    select
        {{ seed_text('hall_id') }} as hall_id,
        {{ seed_text('rule_set') }} as rule_set,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to
    from {{ ref('rule_set_assignments') }}

),

triggers as (

    select
        {{ seed_text('trigger_id') }} as trigger_id,
        {{ seed_text('subject_type') }} as subject_type,
        {{ seed_text('period_type') }} as period_type,
        {{ seed_text('metric') }} as metric,
        {{ seed_number('lower_bound') }} as lower_bound,
        {{ seed_number('upper_bound') }} as upper_bound,
        {{ seed_number('consecutive_periods') }} as consecutive_periods,
        concat_ws('/', trigger_id, valid_from) as row_key
    from {{ ref('improvement_triggers') }}

),

keywords as (

    select
        {{ seed_text('category') }} as category,
        {{ seed_text('keyword') }} as keyword,
        concat_ws('|', coalesce({{ seed_text('label_zh', 255) }}, ''), coalesce({{ seed_text('label_en', 255) }}, ''))
            as labels,
        concat_ws('/', category, keyword, valid_from) as row_key
    from {{ ref('pain_point_keywords') }}

),

-- Weights change only on these days, so checking them checks all days.
weight_change_days as (

    select rule_set, valid_from as change_day from weights
    union distinct
    select rule_set, date_add(valid_to, interval 1 day) as change_day
    from weights where valid_to < '9999-12-31'

),

weight_sums as (

    select days.rule_set, days.change_day, sum(weights.weight) as weight_sum
    from weight_change_days as days
    inner join weights
        on days.rule_set = weights.rule_set
        and days.change_day between weights.valid_from and weights.valid_to
    group by days.rule_set, days.change_day

),

rule_change_days as (

    select rule_set, change_day from weight_change_days
    union distinct
    select rule_set, valid_from as change_day from rules

),

rules_without_weight as (

    select rules.row_key, rules.dimension, min(days.change_day) as change_day
    from rules
    inner join rule_change_days as days
        on rules.rule_set = days.rule_set
        and days.change_day between rules.valid_from and rules.valid_to
    left join weights
        on rules.rule_set = weights.rule_set
        and rules.dimension = weights.dimension
        and days.change_day between weights.valid_from and weights.valid_to
    where weights.dimension is null
    group by rules.row_key, rules.dimension

),

unknown_metrics as (

    select
        rules.row_key,
        case
            when rules.metric is null then 'the cell is empty; a rule other than base needs a metric'
            when definitions.metric is null
                then concat('"', rules.metric, '" is not a metric of metric_definitions.csv')
            else concat('"', rules.metric, '" is defined but not measured yet')
        end as problem
    from rules
    left join {{ ref('metric_definitions') }} as definitions on rules.metric = definitions.metric
    where rules.rule_type <> 'base' and coalesce(definitions.is_measured, '0') <> '1'

),

overlapping_bands as (

    select
        later.row_key,
        case when later.rule_type = 'base' then 'points' else 'lower_bound' end as column_name,
        case
            when later.rule_type = 'base' then concat('a base beside ', earlier.row_key, '; both would be summed')
            else concat('the values overlap those of ', earlier.row_key, '; a value must fall into one row only')
        end as problem
    from rules as later
    inner join rules as earlier
        on later.rule_set = earlier.rule_set
        and later.dimension = earlier.dimension
        and coalesce(later.metric, '') = coalesce(earlier.metric, '')
        and later.rule_type = earlier.rule_type
        and later.rule_id > earlier.rule_id
        and later.valid_from <= earlier.valid_to
        and earlier.valid_from <= later.valid_to
    where
        later.rule_type in ('base', 'band', 'slope')
        and (later.subject_type is null or earlier.subject_type is null or later.subject_type = earlier.subject_type)
        and (later.period_type is null or earlier.period_type is null or later.period_type = earlier.period_type)
        and (later.lower_bound is null or earlier.upper_bound is null or later.lower_bound < earlier.upper_bound)
        and (earlier.lower_bound is null or later.upper_bound is null or earlier.lower_bound < later.upper_bound)

),

needed_parameters as (

    {% for parameter in parameter_names() + procedure_parameter_names() -%}
    select '{{ parameter }}' as parameter
    {%- if not loop.last %} union all {% endif %}
    {% endfor %}

),

problems as (

    {{ number_problems('scoring_rules', rule_key, [
        'lower_bound', 'upper_bound', 'benchmark', 'points', 'points_per_unit', 'min_points', 'max_points', 'min_sample',
    ], ['rule_set', 'rule_id', 'dimension']) }}
    union all
    {{ number_problems('dimension_weights', ['rule_set', 'dimension', 'valid_from'],
        ['weight', 'min_score', 'max_score'], ['weight']) }}
    union all
    {{ number_problems('metric_parameters', ['parameter', 'valid_from'], ['value'], ['value'],
        "trim(parameter) <> 'publish_from'") }}
    union all
    select
        'metric_parameters.csv' as seed_file, concat_ws('/', parameter, valid_from) as row_key, 'value' as column_name,
        concat('"', left(value, 40), '" is not a date; write it as 2026-10-01') as problem
    from {{ ref('metric_parameters') }}
    where trim(parameter) = 'publish_from' and nullif(trim(value), '') is not null and {{ seed_date('value') }} is null
    union all
    select
        'metric_parameters.csv' as seed_file, concat_ws('/', parameter, valid_from) as row_key, 'value' as column_name,
        concat(
            '"', left(value, 40), '" is less than 2 days; a complaint of the last day is due only on the day after it'
        ) as problem
    from {{ ref('metric_parameters') }}
    where trim(parameter) = 'publication_lag' and {{ seed_number('value') }} < 2
    union all
    {{ known_code_problems('work_calendar', ['calendar_date'], 'is_working_day', ['0', '1']) }}
    union all
    select
        'work_calendar.csv' as seed_file, calendar_date as row_key, 'calendar_date' as column_name,
        case
            when {{ seed_date('calendar_date') }} is null
                then concat('"', left(coalesce(calendar_date, ''), 40), '" is not a date; write it as 2026-10-01')
            else 'the day has more than one row; it may have one only'
        end as problem
    from {{ ref('work_calendar') }}
    group by calendar_date
    having {{ seed_date('calendar_date') }} is null or count(*) > 1
    union all
    {{ number_problems('item_standards', ['item_code', 'valid_from'], ['standard_minutes'], ['standard_minutes']) }}
    union all
    {{ number_problems('rating_levels', ['level'], ['rating'], ['rating']) }}
    union all
    {{ number_problems('improvement_triggers', ['trigger_id', 'valid_from'],
        ['lower_bound', 'upper_bound', 'min_sample', 'consecutive_periods', 'deadline_working_days'],
        ['trigger_id', 'action', 'consecutive_periods', 'deadline_working_days']) }}
    union all
    {{ number_problems('reward_tiers', ['tier_id', 'valid_from'],
        ['tier', 'min_score', 'max_rank_share', 'min_sample', 'min_audit_match'],
        ['tier_id', 'reward', 'tier', 'min_score']) }}
    union all
    {{ number_problems('quality_limits', ['check_id', 'raw_table', 'valid_from'],
        ['days', 'min_sample', 'warn_from', 'error_from', 'ignore_from'], ['days']) }}
    union all
    {{ number_problems('pilots', ['pilot_id'],
        ['before_weeks', 'after_weeks', 'min_sample', 'efficiency_claim', 'satisfaction_claim'],
        ['pilot_id', 'hall_id', 'go_live', 'before_weeks', 'after_weeks']) }}
    {% for column in ['go_live', 'shadow_until'] -%}
    union all
    select
        'pilots.csv' as seed_file, pilot_id as row_key, '{{ column }}' as column_name,
        concat('"', left({{ column }}, 40), '" is not a date; write it as 2026-10-01') as problem
    from {{ ref('pilots') }}
    where nullif(trim({{ column }}), '') is not null and {{ seed_date(column) }} is null
    {% endfor -%}
    {% for column in ['before_weeks', 'after_weeks'] -%}
    union all
    select
        'pilots.csv' as seed_file, pilot_id as row_key, '{{ column }}' as column_name,
        'whole weeks are compared, 1 or more' as problem
    from {{ ref('pilots') }}
    where {{ seed_number(column) }} < 1 or {{ seed_number(column) }} <> floor({{ seed_number(column) }})
    {% endfor -%}
    union all
    select
        'pilots.csv' as seed_file, pilot_id as row_key, 'shadow_until' as column_name,
        concat(shadow_until, ' is before go_live ', go_live, '; leave it empty for no shadow time') as problem
    from {{ ref('pilots') }}
    where {{ seed_date('shadow_until') }} < {{ seed_date('go_live') }}
    union all
    select
        'pilots.csv' as seed_file, pilot_id as row_key, 'pilot_id' as column_name,
        'the pilot has more than one row; it may have one only' as problem
    from {{ ref('pilots') }}
    group by pilot_id
    having count(*) > 1
    union all
    {{ date_problems('quality_limits', ['check_id', 'raw_table']) }}
    union all
    {{ known_code_problems('quality_limits', ['check_id', 'raw_table', 'valid_from'], 'check_id',
        quality_check_tables() | list) }}
    {% for check, raw_tables in quality_check_tables().items() -%}
    union all
    {{ known_code_problems('quality_limits', ['check_id', 'raw_table', 'valid_from'], 'raw_table', raw_tables) }}
    and check_id = '{{ check }}'
    {% endfor -%}
    union all
    {{ date_problems('pain_point_keywords', ['category', 'keyword']) }}
    union all
    select
        'pain_point_keywords.csv' as seed_file, row_key, 'keyword' as column_name,
        'the cell is empty; every text would hold it' as problem
    from keywords
    where keyword is null
    union all
    select
        'pain_point_keywords.csv' as seed_file, row_key, 'category' as column_name,
        concat('"', coalesce(category, ''), '" is empty or means something else in the marts; write another word')
            as problem
    from keywords
    where coalesce(category, 'all') in ('all', 'unclassified')
    union all
    select
        'pain_point_keywords.csv' as seed_file, category as row_key, 'label_zh' as column_name,
        'the rows of the category name it differently; it has one label only' as problem
    from keywords
    group by category
    having count(distinct labels) > 1
    union all
    {{ date_problems('improvement_triggers', ['trigger_id']) }}
    union all
    {{ date_problems('reward_tiers', ['tier_id']) }}
    union all
    {% for seed, key in [('improvement_triggers', 'trigger_id'), ('reward_tiers', 'tier_id')] -%}
    {{ known_code_problems(seed, [key, 'valid_from'], 'subject_type', subject_types) }}
    union all
    {{ known_code_problems(seed, [key, 'valid_from'], 'period_type', closed_types) }}
    union all
    {% endfor -%}
    {{ known_code_problems('reward_tiers', ['tier_id', 'valid_from'], 'complaints', ['any', 'none_upheld', 'none']) }}
    union all
    select
        'improvement_triggers.csv' as seed_file, triggers.row_key, 'metric' as column_name,
        concat('"', coalesce(triggers.metric, ''), '" is neither a measured metric nor a score') as problem
    from triggers
    left join {{ ref('metric_definitions') }} as definitions
        on triggers.metric = definitions.metric and definitions.is_measured = '1'
    where
        definitions.metric is null
        and coalesce(triggers.metric, '') not in (
            {% for score in score_names() -%}
            '{{ score }}'{{ "," if not loop.last }}
            {% endfor %}
        )
    union all
    select
        'improvement_triggers.csv' as seed_file, row_key, 'upper_bound' as column_name,
        'no bound, or none above the other: no value can fire it, or every value does' as problem
    from triggers
    where upper_bound <= lower_bound or (upper_bound is null and lower_bound is null)
    union all
    select
        'improvement_triggers.csv' as seed_file, row_key, 'consecutive_periods' as column_name,
        'it must hold for a whole number of periods, 1 or more' as problem
    from triggers
    where consecutive_periods < 1 or consecutive_periods <> floor(consecutive_periods)
    union all
    {% for column in ['subject_type', 'period_type', 'metric'] -%}
    select
        'improvement_triggers.csv' as seed_file, trigger_id as row_key, '{{ column }}' as column_name,
        'the rows of the trigger judge different things, and a later one would continue the runs; write another id'
            as problem
    from triggers
    group by trigger_id
    having count(distinct coalesce({{ column }}, '')) > 1
    union all
    {% endfor -%}
    {% for column in ['max_rank_share', 'min_audit_match'] -%}
    select
        'reward_tiers.csv' as seed_file, concat_ws('/', tier_id, valid_from) as row_key,
        '{{ column }}' as column_name, 'a share is above 0 and at most 1; leave it empty for any' as problem
    from {{ ref('reward_tiers') }}
    where {{ seed_number(column) }} <= 0 or {{ seed_number(column) }} > 1
    union all
    {% endfor -%}
    {{ date_problems('scoring_rules', ['rule_set', 'rule_id']) }}
    union all
    {{ date_problems('dimension_weights', ['rule_set', 'dimension']) }}
    union all
    {{ date_problems('rule_set_assignments', ['hall_id']) }}
    union all
    {{ date_problems('metric_parameters', ['parameter']) }}
    union all
    {{ date_problems('item_standards', ['item_code']) }}
    union all
    {{ date_problems('exemptions', ['exemption_id']) }}
    union all
    {{ known_code_problems('scoring_rules', rule_key, 'rule_type', ['base', 'band', 'slope']) }}
    union all
    {{ known_code_problems('scoring_rules', rule_key, 'when_missing', ['skip', 'zero', 'require'], true) }}
    union all
    {{ known_code_problems('scoring_rules', rule_key, 'subject_type', subject_types, true) }}
    union all
    {{ known_code_problems('scoring_rules', rule_key, 'period_type', period_types, true) }}
    union all
    {{ known_code_problems('exemptions', ['exemption_id'], 'subject_type', subject_types, true) }}
    union all
    {{ known_code_problems('metric_definitions', ['metric'], 'is_divided', ['0', '1']) }}
    union all
    {{ known_code_problems('metric_definitions', ['metric'], 'is_private', ['0', '1']) }}
    union all
    {{ known_code_problems('metric_definitions', ['metric'], 'is_of_items', ['0', '1']) }}
    union all
    {{ known_code_problems('metric_definitions', ['metric'], 'pilot_claim', ['efficiency', 'satisfaction'], true) }}
    union all
    select
        'dimension_weights.csv' as seed_file, weights.row_key, 'dimension' as column_name,
        concat('"', coalesce(weights.dimension, ''), '" has no row in dimensions.csv') as problem
    from weights
    left join {{ ref('dimensions') }} as dimensions on weights.dimension = trim(dimensions.dimension)
    where dimensions.dimension is null
    union all
    select 'scoring_rules.csv' as seed_file, row_key, 'metric' as column_name, problem
    from unknown_metrics
    union all
    select
        'scoring_rules.csv' as seed_file, row_key, 'upper_bound' as column_name,
        concat('the upper bound ', upper_bound, ' is not above the lower bound ', lower_bound) as problem
    from rules
    where upper_bound <= lower_bound
    union all
    select
        'scoring_rules.csv' as seed_file, row_key, 'max_points' as column_name,
        concat('the most points ', max_points, ' are below the least ', min_points) as problem
    from rules
    where max_points < min_points
    union all
    select 'scoring_rules.csv' as seed_file, row_key, column_name, problem
    from overlapping_bands
    union all
    select
        'scoring_rules.csv' as seed_file, row_key, 'points' as column_name,
        'a base or band rule needs points; a slope needs points_per_unit and benchmark' as problem
    from rules
    where
        (rule_type in ('base', 'band') and points is null)
        or (rule_type = 'slope' and (points_per_unit is null or benchmark is null))
    union all
    select
        'scoring_rules.csv' as seed_file, row_key, 'dimension' as column_name,
        concat(
            '"', dimension, '" has no weight in dimension_weights.csv on ', change_day,
            ', when this rule is in force; write 0 for none'
        ) as problem
    from rules_without_weight
    union all
    select
        'dimension_weights.csv' as seed_file, concat_ws('/', rule_set, change_day) as row_key, 'weight' as column_name,
        concat('the weights in force sum to ', weight_sum, '; they must sum to exactly 1') as problem
    from weight_sums
    where weight_sum <> 1
    union all
    select
        'rule_set_assignments.csv' as seed_file, concat_ws('/', assignments.hall_id, assignments.rule_set) as row_key,
        'rule_set' as column_name,
        concat('"', coalesce(assignments.rule_set, ''), '" has no row in scoring_rules.csv') as problem
    from assignments
    where not exists (select 1 from rules where rules.rule_set = assignments.rule_set)
    union all
    select
        'rule_set_assignments.csv' as seed_file, '(none)' as row_key, 'hall_id' as column_name,
        concat(
            'no row with an empty hall_id is in force on ', {{ as_of_date() }},
            ': halls without a row of their own have no rule set'
        ) as problem
    from (select 1 as one) as once
    where not exists (
        select 1 from assignments
        where hall_id is null and {{ as_of_date() }} between valid_from and valid_to
    )
    union all
    select
        'metric_parameters.csv' as seed_file, needed_parameters.parameter as row_key, 'parameter' as column_name,
        'the parameter is missing; it needs a row' as problem
    from needed_parameters
    left join {{ ref('metric_parameters') }} as parameters on needed_parameters.parameter = trim(parameters.parameter)
    where parameters.parameter is null
    union all
    select
        'metric_parameters.csv' as seed_file, concat_ws('/', parameter, valid_from) as row_key, 'value' as column_name,
        concat('"', trim(value), '" is not whole; waits are counted by whole minutes') as problem
    from {{ ref('metric_parameters') }}
    where trim(parameter) = 'wait_target_minutes' and mod({{ seed_number('value') }}, 1) <> 0
    union all
    select
        'exemptions.csv' as seed_file, exemption_id as row_key, 'approved_by' as column_name,
        'the cell is empty; an exemption needs an approver' as problem
    from {{ ref('exemptions') }}
    where nullif(trim(approved_by), '') is null

)

select
    cast(seed_file as char(64)) as seed_file,
    cast(left(row_key, 200) as char(200)) as row_key,
    cast(column_name as char(64)) as column_name,
    cast(left(problem, 500) as char(500)) as problem
from problems
