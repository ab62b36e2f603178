-- 抽取下一批抽查：按大厅与窗口分层，种子公开（如公开摇号所得），任何人可重抽。
-- Draw the next cases to audit, a number for each hall and window. Anybody can repeat it with the published seed.
-- dbt compile -s draw_audit_sample
--   --vars '{audit_seed: "20261008-371902", audit_from: "2026-09-01", audit_until: "2026-09-30"}'
{%- set seed = var('audit_seed', '') -%}
{%- set first_day = var('audit_from', as_of_date() | replace("'", '')) -%}
{%- set last_day = var('audit_until', as_of_date() | replace("'", '')) %}

with

numbered as (

    select
        service_date,
        hall_id,
        window_id,
        log_id,
        row_number() over (
            partition by hall_id, window_id
            order by {{ fingerprint([sql_literals([seed]), 'service_date', 'hall_id', 'log_id']) }}
        ) as draw_number
    from {{ ref('stg_service_log') }}
    where
        outcome in ('counted', 'repaired')
        and log_id is not null
        and service_date between '{{ first_day }}' and '{{ last_day }}'

)

select
    numbered.service_date,
    numbered.hall_id,
    numbered.window_id,
    numbered.log_id,
    numbered.draw_number
from numbered
inner join {{ ref('stg_metric_parameters') }} as sizes
    on sizes.parameter = 'audit_cases_per_window'
    and '{{ last_day }}' between sizes.valid_from and sizes.valid_to
    and numbered.draw_number <= sizes.parameter_value
order by numbered.hall_id, numbered.window_id, numbered.draw_number
