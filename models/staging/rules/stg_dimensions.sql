-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('dimension') }} as dimension,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en
from {{ ref('dimensions') }}
