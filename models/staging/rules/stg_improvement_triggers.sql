-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('trigger_id') }} as trigger_id,
    {{ seed_text('subject_type') }} as subject_type,
    {{ seed_text('period_type') }} as period_type,
    {{ seed_text('metric') }} as metric,
    {{ seed_number('lower_bound') }} as lower_bound,
    {{ seed_number('upper_bound') }} as upper_bound,
    coalesce({{ seed_number('min_sample') }}, 0) as min_sample,
    {{ seed_number('consecutive_periods') }} as consecutive_periods,
    {{ seed_text('action') }} as action,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_number('deadline_working_days') }} as deadline_working_days,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('improvement_triggers') }}
