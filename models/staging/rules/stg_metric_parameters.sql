-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('parameter') }} as parameter,
    {{ seed_number('value') }} as parameter_value,
    {{ seed_text('unit') }} as unit,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    case when trim(parameter) = 'publish_from' then {{ seed_date('value') }} end as parameter_date,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to,
    {{ seed_date('decided_on') }} as decided_on,
    {{ seed_text('reason', 1000) }} as reason,
    {{ seed_text('source', 255) }} as source
from {{ ref('metric_parameters') }}
