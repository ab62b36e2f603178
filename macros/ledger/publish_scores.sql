{# The scores of a publication: what its own dimension scores weigh together. #}
{% macro publish_scores(tables, entry, number, period) -%}
  {%- set ledger = tables.scores -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      row_number() over (order by base.hall_id, base.subject_type, base.subject_id) as line_number,
      base.hall_id, base.subject_type, base.subject_id, base.department, base.rule_set, base.rule_book_hash,
      base.peer_group, base.case_count, base.rating_count, base.complaint_count, base.status, base.is_provisional,
      {%- for dimension in ['efficiency', 'satisfaction', 'digital'] %}
      weighted.{{ dimension }}_score,
      {%- endfor %}
      case when base.status = 'scored' then weighted.composite_score end as composite_score
    from {{ ref('publishable_scores') if entry.base_number is none else ledger.relation_name }} as base
    left join (
      select
        hall_id, subject_type, subject_id,
        {%- for dimension in ['efficiency', 'satisfaction', 'digital'] %}
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
    where {{ period if entry.base_number is none else 'publication_number = ' ~ entry.base_number }}
  {%- endset -%}
  {%- do insert_published(ledger, sql) -%}
{%- endmacro %}
