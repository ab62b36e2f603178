-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('tier_id') }} as tier_id,
    {{ seed_text('reward') }} as reward,
    {{ seed_number('tier') }} as tier,
    {{ seed_text('subject_type') }} as subject_type,
    {{ seed_text('period_type') }} as period_type,
    {{ seed_number('min_score') }} as min_score,
    {{ seed_number('max_rank_share') }} as max_rank_share,
    coalesce({{ seed_number('min_sample') }}, 0) as min_sample,
    {{ seed_text('complaints') }} as complaints,
    {{ seed_number('min_audit_match') }} as min_audit_match,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('reward_tiers') }}
