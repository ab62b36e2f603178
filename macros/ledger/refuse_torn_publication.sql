{# Another build may have been writing a period while this one read it: then what was read does not add up. #}
{% macro refuse_torn_publication(tables, entry, number) -%}
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
              where {{ same_subject }} and published.appeal_id is not null
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
