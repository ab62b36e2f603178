-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('item_code') }} as item_code,
    {{ seed_number('standard_minutes') }} as standard_minutes,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('item_standards') }}
