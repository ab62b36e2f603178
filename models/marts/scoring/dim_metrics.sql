{{ config(primary_key=['metric']) }}

select
    metric,
    unit,
    direction,
    is_measured,
    is_count,
    label_zh,
    label_en,
    formula_zh,
    formula_en,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_metric_definitions') }}
