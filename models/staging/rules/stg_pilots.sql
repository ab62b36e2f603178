-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('pilot_id') }} as pilot_id,
    {{ seed_text('hall_id') }} as hall_id,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_date('go_live') }} as go_live,
    {{ seed_date('shadow_until') }} as shadow_until,
    cast({{ seed_number('before_weeks') }} as signed) as before_weeks,
    cast({{ seed_number('after_weeks') }} as signed) as after_weeks,
    cast(coalesce({{ seed_number('min_sample') }}, 0) as signed) as min_sample,
    {{ seed_number('efficiency_claim') }} as efficiency_claim,
    {{ seed_number('satisfaction_claim') }} as satisfaction_claim
from {{ ref('pilots') }}
