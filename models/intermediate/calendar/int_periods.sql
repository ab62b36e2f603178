-- Each period with the parameters in force on its first day; they hold for the whole period.
{{ config(primary_key=['period_type', 'period_start']) }}

with

spans as (

    select distinct period_type, period_start, period_end
    from {{ ref('int_period_days') }}

)

select
    spans.period_type,
    spans.period_start,
    spans.period_end,
    spans.period_type <> 'rolling_7d'
    and cast(spans.period_end as datetime(6)) + interval 1 day <= {{ as_of_moment() }} as is_closed,
    {% for parameter in parameter_names() -%}
    max(case when parameters.parameter = '{{ parameter }}' then parameters.parameter_value end) as {{ parameter }}
    {{- "," if not loop.last }}
    {% endfor -%}
from spans
left join {{ ref('stg_metric_parameters') }} as parameters
    on spans.period_start between parameters.valid_from and parameters.valid_to
group by spans.period_type, spans.period_start, spans.period_end
