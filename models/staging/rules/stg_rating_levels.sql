-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_text('level') }} as rating_level,
    {{ seed_number('rating') }} as rating
from {{ ref('rating_levels') }}
