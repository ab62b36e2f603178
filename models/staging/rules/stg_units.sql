select
    {{ seed_text('unit') }} as unit,
    {{ seed_text('word_zh') }} as word_zh,
    {{ seed_text('word_en') }} as word_en,
    {{ seed_text('words_en') }} as words_en,
    {{ seed_text('step_zh') }} as step_zh,
    {{ seed_text('step_en') }} as step_en,
    {{ seed_number('scale') }} as scale,
    {{ seed_number('least_value') }} as least_value,
    {{ seed_number('greatest_value') }} as greatest_value,
    {{ seed_number('edge_step') }} as edge_step,
    {{ seed_number('example_distance') }} as example_distance
from {{ ref('units') }}
