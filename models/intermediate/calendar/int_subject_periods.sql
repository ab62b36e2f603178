-- The grid: every subject in every period in which it exists, with the rule set in force on the first day.
-- `distinct` makes the servers keep the grid as one table. Without it, MariaDB reads all periods of a subject for
-- each of its periods.
{{ config(materialized='view') }}

select distinct
    periods.period_type,
    periods.period_start,
    subjects.hall_id,
    subjects.subject_type,
    subjects.subject_id,
    periods.period_end,
    periods.is_closed,
    coalesce(own.rule_set, standard.rule_set) as rule_set,
    coalesce(halls.peer_group, 'all') as peer_group
from {{ ref('int_subjects') }} as subjects
inner join {{ ref('int_periods') }} as periods
    on subjects.exists_from <= periods.period_end and subjects.exists_until >= periods.period_start
left join {{ ref('stg_halls') }} as halls on subjects.hall_id = halls.hall_id
left join {{ ref('stg_rule_set_assignments') }} as own
    on subjects.hall_id = own.hall_id and periods.period_start between own.valid_from and own.valid_to
left join {{ ref('stg_rule_set_assignments') }} as standard
    on standard.hall_id is null and periods.period_start between standard.valid_from and standard.valid_to
