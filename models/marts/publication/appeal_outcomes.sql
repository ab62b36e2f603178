-- depends_on: {{ ref('publications') }}
{{ config(primary_key=['appeal_id'], post_hook="{{ name_appeal_problems() }}") }}

with

applied as (

    select appeal_id, min(publication_number) as publication_number
    from {{ source('ledger', 'components') }}
    where rule_type = 'appeal'
    group by appeal_id

),

appeals as (

    select
        appeals.*,
        coalesce(before_it.publication_number, latest.publication_number) as number_before,
        coalesce(before_it.revision, latest.revision) as revision_before,
        applied.publication_number as number_after,
        after_it.revision as revision_after
    from {{ ref('int_appeals') }} as appeals
    left join {{ ref('publications') }} as latest
        on appeals.period_type = latest.period_type and appeals.period_start = latest.period_start and latest.is_latest
    left join applied on appeals.appeal_id = applied.appeal_id
    left join {{ ref('publications') }} as after_it on applied.publication_number = after_it.publication_number
    left join {{ ref('publications') }} as before_it
        on after_it.period_type = before_it.period_type
        and after_it.period_start = before_it.period_start
        and after_it.revision = before_it.revision + 1

),

numbers as (

    select number_before as publication_number from appeals
    union distinct
    select number_after as publication_number from appeals

),

ranked as (

    select
        scores.*,
        case
            when scores.status = 'scored'
                then rank() over (
                    partition by
                        scores.publication_number, scores.subject_type, scores.rule_set, scores.peer_group,
                        scores.status = 'scored'
                    order by round(scores.composite_score, 2) desc
                )
        end as rank_in_group
    from numbers
    inner join {{ source('ledger', 'scores') }} as scores on numbers.publication_number = scores.publication_number

)

select
    appeals.appeal_id,
    appeals.period_type,
    appeals.period_start,
    appeals.hall_id,
    appeals.subject_type,
    appeals.subject_id,
    appeals.rule_id,
    appeals.dimension,
    appeals.submitted_at,
    appeals.due_on,
    cast(appeals.decision as char(16)) as decision,
    appeals.decided_by,
    appeals.decided_at,
    appeals.decision_reason,
    cast(appeals.is_overdue as signed) as is_overdue,
    cast(appeals.problem as char(255)) as problem,
    cast(appeals.points_adjustment as decimal(12, 6)) as points_adjustment,
    appeals.revision_before,
    appeals.revision_after,
    before_it.composite_score as score_before,
    after_it.composite_score as score_after,
    before_it.rank_in_group as rank_before,
    after_it.rank_in_group as rank_after,
    '{{ invocation_id }}' as build_id
from appeals
{% for name, number in [('before_it', 'number_before'), ('after_it', 'number_after')] -%}
left join ranked as {{ name }}
    on appeals.{{ number }} = {{ name }}.publication_number
    and appeals.hall_id = {{ name }}.hall_id
    and appeals.subject_type = {{ name }}.subject_type
    and appeals.subject_id = {{ name }}.subject_id
{% endfor %}
