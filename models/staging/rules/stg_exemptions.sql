-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('exemption_id') }} as exemption_id,
    {{ seed_text('hall_id') }} as hall_id,
    {{ seed_text('subject_type') }} as subject_type,
    {{ seed_text('subject_id') }} as subject_id,
    {{ seed_text('rule_id') }} as rule_id,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('exemptions') }}
