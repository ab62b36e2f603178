{{ config(primary_key=['hall_id', 'window_id']) }}

select
    subjects.hall_id,
    subjects.subject_id as window_id,
    coalesce(windows.window_name, subjects.subject_id) as window_name,
    windows.department,
    windows.opened_on,
    windows.closed_on,
    '{{ invocation_id }}' as build_id
from {{ ref('int_subjects') }} as subjects
left join {{ ref('stg_windows') }} as windows
    on subjects.hall_id = windows.hall_id and subjects.subject_id = windows.window_id
where subjects.subject_type = 'window'
