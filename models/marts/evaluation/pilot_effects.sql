-- What each pilot of pilots.csv changed: metrics of its hall over whole closed weeks before and after go-live, next
-- to halls without a pilot in the same weeks. The week of the go-live counts for neither side, unless go-live is a
-- Monday.
{{ config(primary_key=['pilot_id', 'metric'], indexes=[['hall_id', 'metric']]) }}

{%- set sums = ['numerator', 'denominator', 'sample_size'] -%}
{%- set sides = ['before', 'after'] %}

with

-- Quotients only: their numerators and denominators can be summed over weeks. A percentile cannot.
compared_metrics as (

    select
        metric,
        case direction when 'lower_is_better' then -1 else 1 end as better_sign,
        pilot_claim as dimension
    from {{ ref('stg_metric_definitions') }}
    where is_measured and is_divided

),

dated_pilots as (

    select
        stg_pilots.*,
        date_sub(go_live, interval weekday(go_live) day) as before_end,
        date_add(go_live, interval mod(7 - weekday(go_live), 7) day) as after_start
    from {{ ref('stg_pilots') }} as stg_pilots

),

-- before_end and after_end are the first days outside.
pilots as (

    select
        dated_pilots.*,
        date_sub(before_end, interval 7 * before_weeks day) as before_start,
        date_add(after_start, interval 7 * after_weeks day) as after_end
    from dated_pilots

),

week_values as (

    select
        metrics.hall_id, metrics.metric, metrics.period_start, metrics.period_end, metrics.status,
        metrics.{{ sums | join(', metrics.') }}
    from {{ ref('dim_halls') }} as halls
    inner join {{ ref('metrics') }} as metrics
        on halls.hall_id = metrics.hall_id
        and halls.hall_id = metrics.subject_id
        and metrics.subject_type = 'hall'
        and metrics.period_type = 'week'
    inner join compared_metrics on metrics.metric = compared_metrics.metric
    where metrics.is_closed

),

hall_weeks as (

    select distinct hall_id, period_start, period_end from week_values

),

-- Weeks in which the hall of the pilot existed; other halls are compared over these only.
pilot_weeks as (

    select
        pilots.pilot_id,
        hall_weeks.period_start,
        hall_weeks.period_end,
        hall_weeks.period_start >= pilots.after_start as is_after
    from pilots
    inner join hall_weeks
        on pilots.hall_id = hall_weeks.hall_id
        and (
            (hall_weeks.period_start >= pilots.before_start and hall_weeks.period_start < pilots.before_end)
            or (hall_weeks.period_start >= pilots.after_start and hall_weeks.period_start < pilots.after_end)
        )

),

week_counts as (

    select
        pilot_id,
        {% for side in sides -%}
        {% set of_side = 'is_after' if side == 'after' else 'not is_after' -%}
        sum({{ of_side }}) as {{ side }}_week_count,
        {{ date_aggregate('min', 'case when ' ~ of_side ~ ' then period_start end') }} as {{ side }}_first_day,
        {{ date_aggregate('max', 'case when ' ~ of_side ~ ' then period_end end') }} as {{ side }}_last_day
        {{- "," if not loop.last }}
        {% endfor %}
    from pilot_weeks
    group by pilot_id

),

hall_sums as (

    select
        pilot_weeks.pilot_id,
        week_values.hall_id,
        week_values.metric,
        {% for side in sides -%}
        {% set outer_loop = loop -%}
        {% for name in sums -%}
        sum(case when {{ 'is_after' if side == 'after' else 'not is_after' }} then {{ name }} end)
            as {{ side }}_{{ name }}{{ "," if not (loop.last and outer_loop.last) }}
        {% endfor -%}
        {% endfor %}
    from pilot_weeks
    inner join week_values on pilot_weeks.period_start = week_values.period_start
    where week_values.status = 'measured'
    group by pilot_weeks.pilot_id, week_values.hall_id, week_values.metric

),

-- Halls with a pilot or its shadow time in the compared weeks are no comparison.
busy_halls as (

    select distinct pilots.pilot_id, others.hall_id
    from pilots
    inner join pilots as others
        on pilots.after_end > others.go_live
        and pilots.before_start < greatest(
            others.after_end, coalesce(date_add(others.shadow_until, interval 1 day), others.after_end)
        )

),

comparable_halls as (

    select
        hall_sums.*,
        halls.peer_group = own.peer_group as is_peer,
        max(halls.peer_group = own.peer_group) over (
            partition by hall_sums.pilot_id, hall_sums.metric
        ) as has_peer
    from hall_sums
    inner join pilots on hall_sums.pilot_id = pilots.pilot_id
    inner join {{ ref('dim_halls') }} as own on pilots.hall_id = own.hall_id
    inner join {{ ref('dim_halls') }} as halls on hall_sums.hall_id = halls.hall_id
    left join busy_halls
        on hall_sums.pilot_id = busy_halls.pilot_id and hall_sums.hall_id = busy_halls.hall_id
    where
        busy_halls.hall_id is null
        and hall_sums.hall_id <> pilots.hall_id
        and hall_sums.before_denominator > 0
        and hall_sums.after_denominator > 0

),

comparisons as (

    select
        pilot_id,
        metric,
        count(*) as comparison_hall_count,
        max(is_peer) as is_of_peers,
        {% for side in sides -%}
        {% set outer_loop = loop -%}
        {% for name in sums -%}
        sum({{ side }}_{{ name }}) as {{ side }}_{{ name }}{{ "," if not (loop.last and outer_loop.last) }}
        {% endfor -%}
        {% endfor %}
    from comparable_halls
    where is_peer = has_peer
    group by pilot_id, metric

),

-- Twenty decimals, as in metrics.
measured as (

    select
        pilots.*,
        compared_metrics.metric,
        compared_metrics.dimension,
        compared_metrics.better_sign,
        halls.hall_id is not null as is_known_hall,
        coalesce(week_counts.before_week_count, 0) as before_week_count,
        coalesce(week_counts.after_week_count, 0) as after_week_count,
        week_counts.before_first_day,
        week_counts.before_last_day,
        week_counts.after_first_day,
        week_counts.after_last_day,
        coalesce(comparisons.comparison_hall_count, 0) as comparison_hall_count,
        comparisons.is_of_peers,
        {% for relation, prefix in [('own', ''), ('comparisons', 'comparison_')] -%}
        {% for side in sides -%}
        {{ relation }}.{{ side }}_numerator as {{ prefix }}{{ side }}_numerator,
        {{ relation }}.{{ side }}_denominator as {{ prefix }}{{ side }}_denominator,
        coalesce({{ relation }}.{{ side }}_sample_size, 0) as {{ prefix }}{{ side }}_sample_size,
        cast(
            cast({{ relation }}.{{ side }}_numerator as decimal(45, 20))
            / cast({{ relation }}.{{ side }}_denominator as decimal(20, 10)) as decimal(20, 10)
        ) as {{ prefix }}{{ side }}_value,
        {% endfor -%}
        {% endfor -%}
        case compared_metrics.dimension
            when 'efficiency' then pilots.efficiency_claim
            when 'satisfaction' then pilots.satisfaction_claim
        end as claimed_improvement
    from pilots
    cross join compared_metrics
    left join {{ ref('dim_halls') }} as halls on pilots.hall_id = halls.hall_id
    left join week_counts on pilots.pilot_id = week_counts.pilot_id
    left join hall_sums as own
        on pilots.pilot_id = own.pilot_id
        and pilots.hall_id = own.hall_id
        and compared_metrics.metric = own.metric
    left join comparisons
        on pilots.pilot_id = comparisons.pilot_id and compared_metrics.metric = comparisons.metric

),

changes as (

    select
        measured.*,
        {% for prefix in ['', 'comparison_'] -%}
        {{ prefix }}after_value - {{ prefix }}before_value as {{ prefix }}value_change,
        cast(
            cast({{ prefix }}after_value - {{ prefix }}before_value as decimal(45, 20))
            / nullif({{ prefix }}before_value, 0) as decimal(20, 10)
        ) as {{ prefix }}change_share,
        {% endfor -%}
        case
            when not is_known_hall then 'unknown_hall'
            when {{ as_of_date() }} < go_live then 'before_go_live'
            when before_week_count < before_weeks or after_week_count < after_weeks then 'too_few_weeks'
            when before_value is null or after_value is null then 'no_data'
            when least(before_sample_size, after_sample_size) < min_sample then 'insufficient_sample'
            else 'measured'
        end as status
    from measured

)

select
    pilot_id,
    cast(metric as char(64)) as metric,
    hall_id,
    label_zh,
    label_en,
    go_live,
    shadow_until,
    cast(dimension as char(64)) as dimension,
    cast(status as char(24)) as status,
    before_weeks,
    after_weeks,
    min_sample,
    {% for side in sides -%}
    cast({{ side }}_week_count as signed) as {{ side }}_week_count,
    {{ side }}_first_day,
    {{ side }}_last_day,
    {% endfor -%}
    {% for prefix in ['', 'comparison_'] -%}
    {% for side in sides -%}
    cast({{ prefix }}{{ side }}_numerator as decimal(20, 10)) as {{ prefix }}{{ side }}_numerator,
    cast({{ prefix }}{{ side }}_denominator as decimal(20, 10)) as {{ prefix }}{{ side }}_denominator,
    {{ prefix }}{{ side }}_value,
    cast({{ prefix }}{{ side }}_sample_size as signed) as {{ prefix }}{{ side }}_sample_size,
    {% endfor -%}
    cast({{ prefix }}value_change as decimal(20, 10)) as {{ prefix }}value_change,
    {{ prefix }}change_share,
    cast(better_sign * {{ prefix }}change_share as decimal(20, 10)) as {{ prefix }}improvement_share,
    {% endfor -%}
    cast(comparison_hall_count as signed) as comparison_hall_count,
    cast(case is_of_peers when 1 then 'peer_group' when 0 then 'all' end as char(16)) as comparison_scope,
    cast(value_change - comparison_value_change as decimal(20, 10)) as net_change,
    cast(better_sign * (change_share - comparison_change_share) as decimal(20, 10)) as net_improvement_share,
    claimed_improvement,
    cast(before_value * (1 + better_sign * claimed_improvement) as decimal(20, 10)) as claimed_value,
    case when status = 'measured' then better_sign * change_share >= claimed_improvement end as is_claim_met,
    case
        when status = 'measured'
            then better_sign * (change_share - comparison_change_share) >= claimed_improvement
    end as is_net_claim_met,
    '{{ invocation_id }}' as build_id
from changes
