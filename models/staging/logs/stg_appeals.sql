{%- set columns = raw_columns_of('appeals') %}

with

source_rows as (

    select
        {{ raw_id(columns, 'appeal_id') }} as appeal_id,
        coalesce({{ raw_id(columns, 'hall_id') }}, '{{ var("default_hall_id") }}') as hall_id,
        {{ raw_text(columns, 'subject_type') }} as subject_type,
        {{ raw_id(columns, 'subject_id', is_shown=true) }} as subject_id,
        {{ raw_text(columns, 'period_type') }} as period_type,
        {{ raw_date(columns, 'period_start') }} as period_start,
        {{ raw_id(columns, 'rule_id') }} as rule_id,
        {{ raw_number(columns, 'points_adjustment') }} as points_adjustment,
        {{ raw_text(columns, 'reason', 500, has_lines=true) }} as reason,
        {{ raw_text(columns, 'decision_reason', 500, has_lines=true) }} as decision_reason,
        {{ raw_id(columns, 'submitted_by') }} as submitted_by,
        {{ raw_datetime(columns, 'submitted_at') }} as submitted_at,
        {{ raw_text(columns, 'decision') }} as recorded_decision,
        {{ raw_id(columns, 'decided_by') }} as decided_by,
        {{ raw_datetime(columns, 'decided_at') }} as recorded_decided_at
    from {{ raw_table('appeals', columns) }}

)

select
    appeal_id,
    hall_id,
    subject_type,
    subject_id,
    period_type,
    period_start,
    rule_id,
    points_adjustment,
    reason,
    coalesce(decision_reason, reason) as decision_reason,
    submitted_by,
    submitted_at,
    -- Decisions after the as-of moment are not known yet.
    case
        when recorded_decided_at >= {{ as_of_moment() }} then 'pending'
        else coalesce(recorded_decision, 'pending')
    end as decision,
    decided_by,
    case when recorded_decided_at < {{ as_of_moment() }} then recorded_decided_at end as decided_at,
    count(*) over (partition by appeal_id) as row_count,
    row_number() over (
        partition by appeal_id
        order by
            submitted_at, recorded_decided_at, hall_id, subject_type, subject_id, period_type, period_start, rule_id,
            points_adjustment
    ) as copy_number
from source_rows
where appeal_id is not null and coalesce(submitted_at < {{ as_of_moment() }}, 1)
