-- Hashes of what the components of each period and rule are built from. A changed rule rewrites only its own
-- components. One unscoped base rule is rebuilt with every rescore, so that its build_id matches the scores'. A
-- rule set without an unscoped base rule is rewritten as a whole.
{{ config(tags=['plan'], primary_key=['period_type', 'period_start', 'rule_id']) }}

with

rules as (

    select
        rules.*,
        rules.rule_type = 'base' and rules.subject_type is null and rules.period_type is null as is_for_all,
        {{ fingerprint(['rules.rule_hash', 'definitions.direction', 'definitions.is_count']) }} as judged_rule_hash
    from {{ ref('stg_scoring_rules') }} as rules
    left join {{ ref('stg_metric_definitions') }} as definitions on rules.metric = definitions.metric

),

period_rules as (

    select
        versions.period_type,
        versions.period_start,
        versions.measure_version,
        versions.score_version,
        rules.rule_id,
        rules.judged_rule_hash,
        rules.rule_id = coalesce(
            min(case when rules.is_for_all then rules.rule_id end)
                over (partition by versions.period_type, versions.period_start, rules.rule_set),
            rules.rule_id
        ) as signs
    from {{ ref('plan_periods') }} as versions
    inner join rules
        on versions.period_start between rules.valid_from and rules.valid_to
        and versions.period_type = coalesce(rules.period_type, versions.period_type)

),

judged as (

    select
        period_type,
        period_start,
        rule_id,
        measure_version,
        max(case when signs then score_version end) as signed_version,
        {{ rows_fingerprint(['judged_rule_hash']) }} as rules_fingerprint
    from period_rules
    group by period_type, period_start, rule_id, measure_version

),

exemptions as (

    select
        rule_id,
        valid_from,
        valid_to,
        hall_id,
        subject_type,
        subject_id
    from {{ ref('stg_exemptions') }}

),

exempted as (

    select
        judged.period_type,
        judged.period_start,
        judged.rule_id,
        {{ rows_fingerprint(['exemptions.hall_id', 'exemptions.subject_type', 'exemptions.subject_id']) }}
            as exemptions_fingerprint
    from judged
    inner join exemptions
        on judged.rule_id = coalesce(exemptions.rule_id, judged.rule_id)
        and judged.period_start between exemptions.valid_from and exemptions.valid_to
    group by judged.period_type, judged.period_start, judged.rule_id

)

select
    cast(concat(judged.period_type, ' ', judged.period_start, ' ', judged.rule_id) as char(128)) as slice,
    judged.period_type,
    judged.period_start,
    judged.rule_id,
    {{ fingerprint([
        'judged.measure_version', 'judged.rules_fingerprint', 'exempted.exemptions_fingerprint',
        'judged.signed_version',
    ]) }} as component_version
from judged
left join exempted
    on judged.period_type = exempted.period_type
    and judged.period_start = exempted.period_start
    and judged.rule_id = exempted.rule_id
