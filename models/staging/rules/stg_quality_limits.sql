-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('check_id') }} as check_id,
    {{ seed_text('raw_table') }} as raw_table,
    {{ seed_number('days') }} as day_count,
    {{ seed_number('min_sample') }} as min_sample,
    {{ seed_number('warn_from') }} as warn_from,
    {{ seed_number('error_from') }} as error_from,
    {{ seed_number('ignore_from') }} as ignore_from,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('quality_limits') }}
