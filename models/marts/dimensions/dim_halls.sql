{{ config(primary_key=['hall_id']) }}

select
    subjects.hall_id,
    coalesce(halls.hall_name, subjects.hall_id) as hall_name,
    halls.region,
    coalesce(halls.peer_group, 'all') as peer_group,
    halls.opened_on,
    halls.closed_on,
    coalesce(own.rule_set, standard.rule_set) as rule_set,
    '{{ invocation_id }}' as build_id
from {{ ref('int_subjects') }} as subjects
left join {{ ref('stg_halls') }} as halls on subjects.hall_id = halls.hall_id
left join {{ ref('stg_rule_set_assignments') }} as own
    on subjects.hall_id = own.hall_id and {{ as_of_date() }} between own.valid_from and own.valid_to
left join {{ ref('stg_rule_set_assignments') }} as standard
    on standard.hall_id is null and {{ as_of_date() }} between standard.valid_from and standard.valid_to
where subjects.subject_type = 'hall'
