{{ config(primary_key=['rule_set', 'dimension', 'valid_from']) }}

select
    weights.rule_set,
    weights.dimension,
    weights.valid_from,
    weights.valid_to,
    {{ as_of_date() }} between weights.valid_from and weights.valid_to as is_in_force,
    weights.weight,
    weights.min_score,
    weights.max_score,
    dimensions.label_zh,
    dimensions.label_en,
    weights.decided_on,
    weights.reason,
    weights.source,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_dimension_weights') }} as weights
inner join {{ ref('stg_dimensions') }} as dimensions on weights.dimension = dimensions.dimension
