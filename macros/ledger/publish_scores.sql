{% macro publish_scores(tables, entry, number) -%}
  {%- set ledger = tables.scores -%}
  {%- set dimensions = dimension_columns() -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      row_number() over (
        order by {{ in_byte_order(['base.hall_id', 'base.subject_type', 'base.subject_id']) }}
      ) as line_number,
      base.*,
      {%- for dimension in dimensions %}
      weighted.{{ dimension }}_score,
      {%- endfor %}
      case when base.status in ('scored', 'shadow') then weighted.composite_score end as composite_score
    from (
      {% if entry.kind == 'appeal' -%}
      select
        hall_id, subject_type, subject_id, department, rule_set, rule_book_hash, peer_group, case_count,
        rating_count, complaint_count, status, is_provisional
      from {{ ledger.relation_name }}
      where publication_number = {{ entry.previous_number }}
      {%- else -%}
      select
        scores.hall_id, scores.subject_type, scores.subject_id,
        case
          when scores.subject_type = 'department' then scores.subject_id else windows.department
        end as department,
        scores.rule_set, scores.rule_book_hash, scores.peer_group, scores.case_count, scores.rating_count,
        scores.complaint_count, scores.status, scores.is_provisional
      from {{ ref('scores') }} as scores
      left join {{ ref('dim_windows') }} as windows
        on scores.subject_type = 'window'
        and scores.hall_id = windows.hall_id
        and scores.subject_id = windows.window_id
      where {{ in_period('scores', entry) }}
      {%- endif %}
    ) as base
    left join (
      select
        hall_id, subject_type, subject_id,
        {%- for dimension in dimensions %}
        max(case when dimension = '{{ dimension }}' then score end) as {{ dimension }}_score,
        {%- endfor %}
        cast(sum(weight * coalesce(score, 0)) as decimal(12, 6)) as composite_score
      from {{ tables.dimension_scores.relation_name }}
      where publication_number = {{ number }}
      group by hall_id, subject_type, subject_id
    ) as weighted
      on base.hall_id = weighted.hall_id
      and base.subject_type = weighted.subject_type
      and base.subject_id = weighted.subject_id
  {%- endset -%}
  {%- do insert_published(ledger, sql) -%}
{%- endmacro %}
