{# An appeal gives no score if nothing was measured. #}
{% macro publish_dimension_scores(tables, entry, number) -%}
  {%- set ledger = tables.dimension_scores -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      row_number() over (
        order by {{ in_byte_order(['hall_id', 'subject_type', 'subject_id', 'dimension']) }}
      ) as line_number,
      hall_id, subject_type, subject_id, dimension, weight, min_score, max_score,
      point_sum as unclamped_score,
      case when score is not null then {{ clamped('point_sum', 'min_score', 'max_score') }} end as score
    from (
      select base.*, cast(coalesce(sums.point_sum, 0) as decimal(12, 6)) as point_sum
      from (
        {% if entry.kind == 'appeal' -%}
        select hall_id, subject_type, subject_id, dimension, weight, min_score, max_score, score
        from {{ ledger.relation_name }}
        where publication_number = {{ entry.previous_number }}
        {%- else -%}
        select
          scores.hall_id, scores.subject_type, scores.subject_id, scores.dimension, scores.weight,
          weights.min_score, weights.max_score, scores.score
        from {{ ref('dimension_scores') }} as scores
        inner join {{ ref('stg_dimension_weights') }} as weights
          on scores.rule_set = weights.rule_set
          and scores.dimension = weights.dimension
          and scores.period_start between weights.valid_from and weights.valid_to
        where {{ in_period('scores', entry) }}
        {%- endif %}
      ) as base
      left join (
        select hall_id, subject_type, subject_id, dimension, sum(points) as point_sum
        from {{ tables.components.relation_name }}
        where publication_number = {{ number }}
        group by hall_id, subject_type, subject_id, dimension
      ) as sums
        on base.hall_id = sums.hall_id
        and base.subject_type = sums.subject_type
        and base.subject_id = sums.subject_id
        and base.dimension = sums.dimension
    ) as summed
  {%- endset -%}
  {%- do insert_published(ledger, sql) -%}
{%- endmacro %}
