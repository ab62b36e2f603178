-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('metric') }} as metric,
    {{ seed_text('unit') }} as unit,
    {{ seed_text('direction') }} as direction,
    {{ seed_number('is_measured') }} as is_measured,
    {{ seed_number('is_count') }} as is_count,
    {{ seed_number('is_divided') }} as is_divided,
    {{ seed_number('is_private') }} as is_private,
    {{ seed_number('is_of_items') }} as is_of_items,
    {{ seed_text('pilot_claim') }} as pilot_claim,
    {{ seed_text('label_zh', 255) }} as label_zh,
    {{ seed_text('label_en', 255) }} as label_en,
    {{ seed_text('formula_zh', 255) }} as formula_zh,
    {{ seed_text('formula_en', 255) }} as formula_en,
    {{ seed_text('data_source_zh', 255) }} as data_source_zh,
    {{ seed_text('data_source_en', 255) }} as data_source_en,
    {{ seed_text('when_null_zh', 255) }} as when_null_zh,
    {{ seed_text('when_null_en', 255) }} as when_null_en,
    {{ seed_text('improve_zh', 255) }} as improve_zh,
    {{ seed_text('improve_en', 255) }} as improve_en
from {{ ref('metric_definitions') }}
