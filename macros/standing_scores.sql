{#
  The scores that stand for the periods of a CTE (period_type, period_start, period_end): those of the latest
  publication, or the live ones of a period that has none (revision null). A preview reads what it has judged.
#}
{% macro standing_scores(periods) -%}
  {%- set columns = [
    'hall_id', 'subject_type', 'subject_id', 'rule_set', 'peer_group', 'composite_score', 'efficiency_score',
    'satisfaction_score', 'digital_score', 'case_count', 'complaint_count', 'status', 'is_provisional',
  ] -%}
  {%- set is_held -%}
  periods.period_type = publications.period_type
    and periods.period_start = publications.period_start
    and publications.is_latest {%- if var('scratch_schema') %} and 1 = 0 {%- endif %}
  {%- endset -%}
  select
    periods.period_type, periods.period_start, periods.period_end, publications.revision,
    scores.{{ columns | join(', scores.') }}
  from {{ periods }} as periods
  inner join {{ ref('scores') }} as scores
    on periods.period_type = scores.period_type and periods.period_start = scores.period_start
  left join {{ ref('publications') }} as publications
    on {{ is_held }}
  where publications.revision is null
  union all
  select
    periods.period_type, periods.period_start, periods.period_end, publications.revision,
    scores.{{ columns | join(', scores.') }}
  from {{ periods }} as periods
  inner join {{ ref('publications') }} as publications
    on {{ is_held }}
  inner join {{ source('ledger', 'scores') }} as scores
    on publications.publication_number = scores.publication_number
{%- endmacro %}
