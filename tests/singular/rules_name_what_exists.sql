-- An exemption, assignment or pilot of a hall, window or clerk that the logs do not have applies to nobody. It warns,
-- since the hall may open later: the id may also be misspelled, or a name. Ended rows are left alone.
{{ config(severity='warn') }}

with

named as (

    select 'exemptions.csv' as seed_file, exemption_id as row_key, hall_id, subject_type, subject_id, valid_to
    from {{ ref('stg_exemptions') }}
    union all
    select
        'rule_set_assignments.csv' as seed_file, hall_id as row_key, hall_id, null as subject_type, null as subject_id,
        valid_to
    from {{ ref('stg_rule_set_assignments') }}
    union all
    select
        'pilots.csv' as seed_file, pilot_id as row_key, hall_id, null as subject_type, null as subject_id,
        cast('9999-12-31' as date) as valid_to
    from {{ ref('stg_pilots') }}

)

select named.seed_file, named.row_key, named.hall_id, named.subject_type, named.subject_id
from named
left join {{ ref('int_subjects') }} as subjects
    on coalesce(named.hall_id, subjects.hall_id) = subjects.hall_id
    and coalesce(named.subject_type, subjects.subject_type) = subjects.subject_type
    and coalesce(named.subject_id, subjects.subject_id) = subjects.subject_id
where
    subjects.subject_id is null
    and named.valid_to >= {{ as_of_date() }}
    and (named.hall_id is not null or named.subject_id is not null)
