-- What upheld appeals add to a score: a component of its own each, in the dimension of the rule appealed against.
{{ config(materialized='view') }}

select
    period_type,
    period_start,
    hall_id,
    subject_type,
    subject_id,
    dimension,
    rule_id,
    appeal_id,
    rule_set,
    cast(null as char(64)) as metric,
    'appeal' as rule_type,
    cast(null as decimal(20, 10)) as lower_bound,
    cast(null as decimal(20, 10)) as upper_bound,
    cast(null as decimal(20, 10)) as benchmark,
    cast(points_adjustment as decimal(20, 10)) as rule_points,
    cast(null as decimal(20, 10)) as points_per_unit,
    cast(null as decimal(20, 10)) as min_points,
    cast(null as decimal(20, 10)) as max_points,
    0 as min_sample,
    'skip' as when_missing,
    0 as is_count,
    cast(null as decimal(20, 10)) as numerator,
    cast(null as decimal(20, 10)) as denominator,
    cast(null as decimal(20, 10)) as value,
    cast(null as signed) as sample_size,
    'applied' as status,
    cast(points_adjustment as decimal(12, 6)) as points,
    '申诉调整' as label_zh,
    'Adjustment of an upheld appeal' as label_en,
    decided_by,
    decision_reason
from {{ ref('judged_appeals') }}
where decision = 'upheld' and problem is null and points_adjustment <> 0
