-- An approved correction has no effect if its period is not and will never be published, if it has no reason or
-- author, or if its author approved it.
{{ config(severity='warn') }}

select distinct
    corrections.correction_id, corrections.period_type, corrections.period_start, corrections.reason,
    corrections.author, corrections.approved_by
from {{ ref('stg_corrections') }} as corrections
left join {{ ref('publications') }} as publications
    on corrections.period_type = publications.period_type and corrections.period_start = publications.period_start
left join {{ ref('int_periods') }} as periods
    on corrections.period_type = periods.period_type and corrections.period_start = periods.period_start
left join {{ ref('stg_metric_parameters') }} as starts
    on starts.parameter = 'publish_from' and {{ as_of_date() }} between starts.valid_from and starts.valid_to
where
    (
        corrections.is_approved
        and publications.publication_number is null
        and (periods.period_start is null or periods.period_start < starts.parameter_date)
    )
    or (
        corrections.approved_by is not null
        and corrections.approved_at < {{ as_of_moment() }}
        and not corrections.is_approved
    )
