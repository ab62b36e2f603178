{% macro closed_months() -%}
select
        years.period_start as year_start,
        years.is_closed as is_year_closed,
        months.period_type,
        months.period_start
    from {{ ref('int_periods') }} as years
    inner join {{ ref('int_periods') }} as months
        on months.period_start between years.period_start and years.period_end
        and months.period_type = 'month'
        and months.is_closed
    where years.period_type = 'year' and {{ in_slices('years.period_type, years.period_start') }}
{%- endmacro %}
