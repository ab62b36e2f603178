-- 提出明年的标准时长：近十二个月各事项办理时长的分位（参数 item_standard_percentile，默认中位数），办件太少的不提。
-- 各列同 item_standards.csv：每个事项先是止于年末的现行行，后是提议行；以此替换现行行，填写 decided_on，提合并请求。
-- Next year's rows of item_standards.csv: a percentile of each item's process times over the twelve months up to the
-- as-of date, for items with enough cases. Each item has its current row, ended with the year, then the proposed one.
-- Replace the current row by both, fill in decided_on, and open a pull request.
-- dbt compile -s propose_item_standards
{%- set last_day = "cast(" ~ as_of_date() ~ " as date)" %}
{%- set first_day = "date_add(date_sub(" ~ last_day ~ ", interval 1 year), interval 1 day)" %}
{%- set new_year = "cast(concat(year(" ~ last_day ~ ") + 1, '-01-01') as date)" %}

with

cases as (

    select
        item_code,
        process_minutes,
        row_number() over (partition by item_code order by process_minutes) as case_number,
        count(*) over (partition by item_code) as case_count
    from {{ ref('int_cases') }}
    where
        outcome in ('counted', 'repaired')
        and item_code is not null
        and service_date between {{ first_day }} and {{ last_day }}

),

percentiles as (

    select
        cases.item_code,
        cases.case_count,
        shares.parameter_value as share,
        -- The case at that percentile, or the mean of the two next to it.
        cast(avg(cases.process_minutes) as decimal(12, 1)) as proposed_minutes
    from cases
    inner join {{ ref('stg_metric_parameters') }} as shares
        on shares.parameter = 'item_standard_percentile'
        and {{ last_day }} between shares.valid_from and shares.valid_to
        and cases.case_number
        between ceiling(cases.case_count * shares.parameter_value)
        and floor(cases.case_count * shares.parameter_value) + 1
    inner join {{ ref('stg_metric_parameters') }} as minimums
        on minimums.parameter = 'item_standard_minimum_cases'
        and {{ last_day }} between minimums.valid_from and minimums.valid_to
        and cases.case_count >= minimums.parameter_value
    group by cases.item_code, cases.case_count, shares.parameter_value

),

standards as (

    select
        {{ seed_text('item_code') }} as item_code,
        item_name,
        standard_minutes,
        {{ seed_number('standard_minutes') }} as present_minutes,
        {{ seed_date('valid_from') }} as valid_from,
        {{ valid_until() }} as valid_to,
        decided_on,
        reason,
        source
    from {{ ref('item_standards') }}

),

-- An item needs no row if its standard would not change or is already decided for next year.
proposed as (

    select
        percentiles.*,
        present.item_name,
        present.present_minutes
    from percentiles
    left join standards as present
        on percentiles.item_code = present.item_code
        and present.valid_from < {{ new_year }}
        and present.valid_to >= {{ new_year }}
    where
        percentiles.proposed_minutes > 0
        and (present.item_code is null or percentiles.proposed_minutes <> present.present_minutes)
        and not exists (
            select 1
            from standards
            where standards.item_code = percentiles.item_code and standards.valid_from >= {{ new_year }}
        )

),

pasted as (

    select
        standards.item_code,
        standards.item_name,
        standards.standard_minutes,
        standards.valid_from,
        date_sub({{ new_year }}, interval 1 day) as valid_to,
        standards.decided_on,
        standards.reason,
        standards.source
    from proposed
    inner join standards
        on proposed.item_code = standards.item_code
        and standards.valid_from < {{ new_year }}
        and standards.valid_to >= {{ new_year }}
    union all
    select
        item_code,
        coalesce(item_name, item_code) as item_name,
        {{ shown_number('proposed_minutes') }} as standard_minutes,
        {{ new_year }} as valid_from,
        null as valid_to,
        null as decided_on,
        concat(
            {{ first_day }}, '至', {{ last_day }}, '共', case_count, '件办理时长的', {{ shown_number('share * 100') }},
            '%分位；', coalesce(concat('现行', {{ shown_number('present_minutes') }}, '分钟'), '此前没有标准')
        ) as reason,
        'analyses/propose_item_standards.sql' as source
    from proposed

)

select
    item_code, item_name, standard_minutes, valid_from, valid_to, decided_on, reason, source
from pasted
order by item_code, valid_from
