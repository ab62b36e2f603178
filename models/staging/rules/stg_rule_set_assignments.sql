-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('hall_id') }} as hall_id,
    {{ seed_text('rule_set') }} as rule_set,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('rule_set_assignments') }}
