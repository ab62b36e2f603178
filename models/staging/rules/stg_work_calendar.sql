{{ config(primary_key=['calendar_date']) }}
-- depends_on: {{ ref('stg_rule_problems') }}

select
    {{ seed_date('calendar_date') }} as calendar_date,
    cast({{ seed_number('is_working_day') }} as signed) as is_working_day
from {{ ref('work_calendar') }}
