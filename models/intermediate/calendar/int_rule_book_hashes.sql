-- The hash of all rows under seeds/rules in force on the first day of a period, without labels and reasons. Two
-- scores with the same hash were judged by the same rules.
{{ config(primary_key=['rule_set', 'period_type', 'period_start']) }}

with

rule_sets as (

    select distinct rule_set from {{ ref('stg_scoring_rules') }}

),

common_entries as (

    select valid_from, valid_to, {{ fingerprint(["'parameter'", 'parameter', 'parameter_value']) }} as entry_hash
    from {{ ref('stg_metric_parameters') }}
    where
        parameter in (
            {% for name in parameter_names() -%}
            '{{ name }}'{{ "," if not loop.last }}
            {% endfor %}
        )
    union all
    select
        valid_from,
        valid_to,
        {{ fingerprint(["'exemption'", 'hall_id', 'subject_type', 'subject_id', 'rule_id']) }} as entry_hash
    from {{ ref('stg_exemptions') }}
    union all
    -- Halls that are not ranked.
    select go_live as valid_from, shadow_until as valid_to, {{ fingerprint(["'shadow'", 'hall_id']) }} as entry_hash
    from {{ ref('stg_pilots') }}
    where shadow_until is not null
    union all
    select valid_from, valid_to, {{ fingerprint(["'standard'", 'item_code', 'standard_minutes']) }} as entry_hash
    from {{ ref('stg_item_standards') }}
    union all
    select
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to,
        {{ fingerprint(["'level'", 'rating_level', 'rating']) }} as entry_hash
    from {{ ref('stg_rating_levels') }}
    union all
    select
        cast('1900-01-01' as date) as valid_from,
        cast('9999-12-31' as date) as valid_to,
        {{ fingerprint(["'metric'", 'metric', 'direction', 'is_count', 'is_divided']) }} as entry_hash
    from {{ ref('stg_metric_definitions') }}

),

entries as (

    select
        rule_set,
        valid_from,
        valid_to,
        {{ fingerprint([
            "'rule'", 'rule_id', 'dimension', 'metric', 'subject_type', 'period_type', 'rule_type', 'lower_bound',
            'upper_bound', 'benchmark', 'points', 'points_per_unit', 'min_points', 'max_points', 'min_sample',
            'when_missing',
        ]) }} as entry_hash,
        1 as is_rule
    from {{ ref('stg_scoring_rules') }}
    union all
    select
        rule_set,
        valid_from,
        valid_to,
        {{ fingerprint(["'weight'", 'dimension', 'weight', 'min_score', 'max_score']) }} as entry_hash,
        0 as is_rule
    from {{ ref('stg_dimension_weights') }}
    union all
    select
        rule_sets.rule_set,
        common.valid_from,
        common.valid_to,
        common.entry_hash,
        0 as is_rule
    from common_entries as common
    cross join rule_sets

)

select
    entries.rule_set,
    periods.period_type,
    periods.period_start,
    case
        when max(entries.is_rule)
            then sha2(group_concat(entries.entry_hash order by entries.entry_hash separator ''), 256)
    end as rule_book_hash
from {{ ref('int_periods') }} as periods
inner join entries on periods.period_start between entries.valid_from and entries.valid_to
group by entries.rule_set, periods.period_type, periods.period_start
