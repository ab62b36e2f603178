-- depends_on: {{ ref('stg_rule_problems') }}

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
        coalesce({{ seed_number('min_sample') }}, 0) as min_sample,
        coalesce({{ seed_text('when_missing') }}, 'skip') as when_missing,
        {{ seed_text('label_zh', 255) }} as label_zh,
        {{ seed_text('label_en', 255) }} as label_en,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        {{ seed_date('decided_on') }} as decided_on,
        {{ seed_text('reason', 1000) }} as reason,
        {{ seed_text('source', 255) }} as source
    from {{ ref('scoring_rules') }}

)

select
    rules.*,
    {{ fingerprint([
        'rule_set', 'rule_id', 'dimension', 'metric', 'subject_type', 'period_type', 'rule_type', 'lower_bound',
        'upper_bound', 'benchmark', 'points', 'points_per_unit', 'min_points', 'max_points', 'min_sample',
        'when_missing', 'label_zh', 'label_en',
    ]) }} as rule_hash
from rules
