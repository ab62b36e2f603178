{{ config(primary_key=['metric']) }}

select
    metric,
    unit,
    direction,
    is_measured,
    is_count,
    is_divided,
    is_private,
    label_zh,
    label_en,
    formula_zh,
    formula_en,
    data_source_zh,
    data_source_en,
    when_null_zh,
    when_null_en,
    improve_zh,
    improve_en,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_metric_definitions') }}
