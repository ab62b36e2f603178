{{ config(primary_key=['hall_id', 'clerk_id']) }}

select
    subjects.hall_id,
    subjects.subject_id as clerk_id,
    coalesce(clerks.clerk_name, subjects.subject_id) as clerk_name,
    clerks.opened_on,
    clerks.closed_on,
    '{{ invocation_id }}' as build_id
from {{ ref('int_subjects') }} as subjects
left join {{ ref('stg_clerks') }} as clerks
    on subjects.hall_id = clerks.hall_id and subjects.subject_id = clerks.clerk_id
where subjects.subject_type = 'clerk'
