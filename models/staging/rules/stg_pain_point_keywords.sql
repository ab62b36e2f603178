-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('category') }} as category,
    {{ seed_text('keyword') }} as keyword,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('pain_point_keywords') }}
