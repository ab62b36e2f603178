{{ config(primary_key=['rule_set', 'dimension', 'valid_from']) }}

select
    rule_set,
    dimension,
    valid_from,
    valid_to,
    {{ as_of_date() }} between valid_from and valid_to as is_in_force,
    weight,
    min_score,
    max_score,
    decided_on,
    reason,
    source,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_dimension_weights') }}
