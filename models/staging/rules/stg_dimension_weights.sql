-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('rule_set') }} as rule_set,
    {{ seed_text('dimension') }} as dimension,
    {{ seed_number('weight') }} as weight,
    {{ seed_number('min_score') }} as min_score,
    {{ seed_number('max_score') }} as max_score,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to,
    {{ seed_date('decided_on') }} as decided_on,
    {{ seed_text('reason', 1000) }} as reason,
    {{ seed_text('source', 255) }} as source
from {{ ref('dimension_weights') }}
