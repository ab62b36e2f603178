{#
  Publish one entry of the queue in one transaction: its components, what they add up to, and
  last the row of publications without which readers see none of it.
#}
{% macro publish(entry) -%}
  {%- set tables = ledger_tables() -%}
  {%- set before = run_query(
    'select publication_number, publication_hash from ' ~ tables.publications.relation_name
    ~ ' order by publication_number desc limit 1'
  ).rows -%}
  {%- set number = before[0][0] | int + 1 if before else 1 -%}
  {%- set period = "period_type = '" ~ entry.period_type ~ "' and period_start = '" ~ entry.period_start ~ "'" -%}
  {%- set published = 'publication_number = ' ~ number -%}

  {%- do publish_components(tables, entry, number, period) -%}
  {%- do publish_dimension_scores(tables, entry, number, period) -%}
  {%- do publish_scores(tables, entry, number, period) -%}

  {#- Another build may have been writing this period while it was read. -#}
  {%- if entry.base_number is none -%}
    {%- set torn = run_query(
      'select count(*) from (select * from ' ~ ref('publishable_scores') ~ ' where ' ~ period ~ ') as live left join '
      ~ tables.scores.relation_name ~ ' as published on published.' ~ published
      ~ ' and live.hall_id = published.hall_id and live.subject_type = published.subject_type'
      ~ ' and live.subject_id = published.subject_id where published.line_number is null'
      ~ ' or (not live.composite_score <=> published.composite_score and not exists (select 1 from '
      ~ tables.components.relation_name ~ ' as appeals where appeals.' ~ published
      ~ ' and live.hall_id = appeals.hall_id and live.subject_type = appeals.subject_type'
      ~ ' and live.subject_id = appeals.subject_id and appeals.appeal_id is not null))'
    ).columns[0][0] -%}
    {%- if torn -%}
      {%- do exceptions.raise_compiler_error(
        entry.period_type ~ ' ' ~ entry.period_start ~ ' was not published: ' ~ torn ~ ' of its scores do not add up from '
        ~ 'their components, as when another build is writing them; build again'
      ) -%}
    {%- endif -%}
  {%- endif -%}

  {%- set totals = [] -%}
  {%- for name in ['component', 'dimension_score', 'score'] -%}
    {%- do totals.append(published_total(tables[name ~ 's'].relation_name, name, published)) -%}
  {%- endfor -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      queue.*,
      {{ as_of_date() }} as as_of_date,
      1 as format_version,
      '{{ code_version() }}' as code_version,
      {{ totals | join(', ') }},
      {% if before -%} '{{ before[0][1] }}' {%- else -%} null {%- endif %} as previous_hash
    from {{ ref('publication_queue') }} as queue
    where {{ period }} and revision = {{ entry.revision }}
  {%- endset -%}
  {%- do insert_published(
    tables.publications, sql, 'publication_hash',
    {'published_at': local_now().strftime('%Y-%m-%d %H:%M:%S.%f'), 'build_id': invocation_id}
  ) -%}
  {%- do adapter.commit() -%}
  {%- do log('published ' ~ entry.period_type ~ ' ' ~ entry.period_start ~ ' revision ' ~ entry.revision, info=true) -%}
{%- endmacro %}
