{{ config(primary_key=['parameter', 'valid_from']) }}

select
    parameters.parameter,
    parameters.valid_from,
    parameters.valid_to,
    {{ as_of_date() }} between parameters.valid_from and parameters.valid_to as is_in_force,
    parameters.parameter_value,
    parameters.parameter_date,
    parameters.unit,
    coalesce(
        cast(parameters.parameter_date as char(10)), {{ shown_amount('parameters.parameter_value', 'zh') }}
    ) as value_zh,
    coalesce(
        cast(parameters.parameter_date as char(10)), {{ shown_amount('parameters.parameter_value', 'en') }}
    ) as value_en,
    parameters.label_zh,
    parameters.label_en,
    parameters.decided_on,
    parameters.reason,
    parameters.source,
    '{{ invocation_id }}' as build_id
from {{ ref('stg_metric_parameters') }} as parameters
left join {{ ref('stg_units') }} as units on parameters.unit = units.unit
