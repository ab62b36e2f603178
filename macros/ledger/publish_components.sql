{# An adjustment of a subject that no longer has a score is reported and left out. #}
{% macro publish_components(tables, entry, number) -%}
  {%- set ledger = tables.components -%}
  {%- if entry.kind == 'correction' -%}
    {%- set adjustments -%}
    from {{ ledger.relation_name }} as adjustments
    left join {{ ref('dimension_scores') }} as live
      on {{ in_period('live', entry) }}
      and adjustments.hall_id = live.hall_id
      and adjustments.subject_type = live.subject_type
      and adjustments.subject_id = live.subject_id
      and adjustments.dimension = live.dimension
    where adjustments.publication_number = {{ entry.previous_number }} and adjustments.rule_type = 'appeal'
    {%- endset -%}
    {%- for row in run_query(
      'select adjustments.appeal_id, adjustments.subject_type, adjustments.subject_id, adjustments.dimension '
      ~ adjustments ~ ' and live.hall_id is null order by adjustments.line_number'
    ).rows -%}
      {%- do exceptions.warn(one_line(
        entry.period_type ~ ' ' ~ entry.period_start ~ ' revision ' ~ entry.revision
        ~ ' drops the adjustment of appeal ' ~ row[0] ~ ': ' ~ row[1] ~ ' ' ~ row[2] ~ ' has no ' ~ row[3]
        ~ ' score any more'
      )) -%}
    {%- endfor -%}
  {%- endif -%}
  {%- set columns = ledger.columns.keys() | reject(
    'in', ['publication_number', 'line_number', 'is_count', 'is_divided', 'row_hash']
  ) | join(', ') -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      row_number() over (
        order by {{ in_byte_order(['hall_id', 'subject_type', 'subject_id', 'dimension', 'rule_id', 'appeal_id']) }}
      ) as line_number,
      components.{{ columns | replace(', ', ', components.') }},
      {#- Rows of format 1 have no is_divided. #}
      coalesce(components.is_count, definitions.is_count, 0) as is_count,
      coalesce(components.is_divided, definitions.is_divided, 0) as is_divided
    from (
      {% if entry.kind == 'appeal' -%}
      select {{ columns }}, is_count, is_divided
      from {{ ledger.relation_name }}
      where publication_number = {{ entry.previous_number }}
      union all
      select
        hall_id, subject_type, subject_id, dimension, rule_id, appeal_id, rule_set, null as metric,
        'appeal' as rule_type, null as lower_bound, null as upper_bound, null as benchmark,
        points_adjustment as rule_points, null as points_per_unit, null as min_points, null as max_points,
        0 as min_sample, 'skip' as when_missing, null as numerator, null as denominator,
        null as value, null as sample_size, 'applied' as status, points_adjustment as points,
        '申诉调整' as label_zh, 'Adjustment of an upheld appeal' as label_en, decided_by, decision_reason,
        null as is_count, null as is_divided
      from {{ ref('int_appeals') }} as appeals
      where is_to_be_applied and {{ in_period('appeals', entry) }}
      {%- else -%}
      select
        components.hall_id, components.subject_type, components.subject_id, components.dimension,
        components.rule_id, null as appeal_id, components.rule_set, components.metric, components.rule_type,
        components.lower_bound, components.upper_bound, components.benchmark, rules.points as rule_points,
        components.points_per_unit, rules.min_points, rules.max_points, rules.min_sample, components.when_missing,
        components.numerator, components.denominator, components.value, components.sample_size, components.status,
        components.points, components.label_zh, components.label_en, null as decided_by, null as decision_reason,
        null as is_count, null as is_divided
      from {{ ref('score_components') }} as components
      inner join {{ ref('stg_scoring_rules') }} as rules
        on components.rule_set = rules.rule_set
        and components.rule_id = rules.rule_id
        and components.period_start between rules.valid_from and rules.valid_to
      where {{ in_period('components', entry) }}
      {%- if entry.kind == 'correction' %}
      union all
      select adjustments.{{ columns | replace(', ', ', adjustments.') }}, adjustments.is_count, adjustments.is_divided
      {{ adjustments }} and live.hall_id is not null
      {%- endif %}
      {%- endif %}
    ) as components
    left join {{ ref('stg_metric_definitions') }} as definitions on components.metric = definitions.metric
  {%- endset -%}
  {%- do insert_published(ledger, sql) -%}
{%- endmacro %}
