{{ config(materialized='table') }}
-- depends_on: {{ ref('rule_problems') }}

select
    {{ seed_text('parameter') }} as parameter,
    {{ seed_number('value') }} as parameter_value,
    case when trim(parameter) = 'publish_from' then {{ seed_date('value') }} end as parameter_date,
    {{ seed_date('valid_from') }} as valid_from,
    {{ valid_until() }} as valid_to
from {{ ref('metric_parameters') }}
