-- depends_on: {{ ref('rule_problems') }}

select
    {{ seed_text('level') }} as rating_level,
    {{ seed_number('rating') }} as rating
from {{ ref('rating_levels') }}
