{% macro refuse_torn_publication(tables, entry, number) -%}
  {%- for lower, upper, key in [
    ('components', 'dimension_scores', ['hall_id', 'subject_type', 'subject_id', 'dimension']),
    ('dimension_scores', 'scores', ['hall_id', 'subject_type', 'subject_id']),
  ] -%}
    {%- set query -%}
      select concat_ws(' ', lower_rows.hall_id, lower_rows.subject_type, lower_rows.subject_id, lower_rows.dimension)
      from {{ tables[lower].relation_name }} as lower_rows
      left join {{ tables[upper].relation_name }} as upper_rows
        on lower_rows.publication_number = upper_rows.publication_number
        {%- for column in key %}
        and lower_rows.{{ column }} = upper_rows.{{ column }}
        {%- endfor %}
      where lower_rows.publication_number = {{ number }} and upper_rows.line_number is null
      order by lower_rows.line_number
      limit 1
    {%- endset -%}
    {%- set orphans = run_query(query).rows -%}
    {%- if orphans -%}
      {%- do exceptions.raise_compiler_error(
        entry.period_type ~ ' ' ~ entry.period_start ~ ' was not published: ' ~ lower ~ ' of ' ~ one_line(orphans[0][0])
        ~ ' have no row of ' ~ upper ~ ' to go into'
      ) -%}
    {%- endif -%}
  {%- endfor -%}
  {%- if entry.kind != 'appeal' -%}
    {%- set same_subject -%}
      published.publication_number = {{ number }}
      and live.hall_id = published.hall_id
      and live.subject_type = published.subject_type
      and live.subject_id = published.subject_id
    {%- endset -%}
    {%- set query -%}
      select count(*)
      from {{ ref('scores') }} as live
      left join {{ tables.scores.relation_name }} as published on {{ same_subject }}
      where
        {{ in_period('live', entry) }}
        and (
          published.line_number is null
          or (
            not live.composite_score <=> published.composite_score
            and not exists (
              select 1 from {{ tables.components.relation_name }} as published
              where {{ same_subject }} and published.rule_type = 'appeal'
            )
          )
        )
    {%- endset -%}
    {%- set torn = run_query(query).columns[0][0] -%}
    {%- if torn -%}
      {%- do exceptions.raise_compiler_error(
        entry.period_type ~ ' ' ~ entry.period_start ~ ' was not published: ' ~ torn ~ ' of its scores do not add up '
        ~ 'from their components, as when another build is writing them; build again'
      ) -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}
