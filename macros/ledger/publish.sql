{#
  Readers see the publication only with that last row. The entry is read once, because another build may replace the
  model's table meanwhile.
#}
{% macro publish(entry) -%}
  {%- set tables = ledger_tables() -%}
  {%- do lock_publications() -%}
  {%- set latest = run_query(
    'select coalesce(max(revision), 0), max(publication_number) from (' ~ latest_publications()
    ~ ') as published where ' ~ in_period('published', entry)
  ).rows[0] -%}
  {%- if entry.revision != latest[0] + 1 -%}
    {%- do adapter.commit() -%}
    {{ return('another build published it first') }}
  {%- endif -%}
  {%- do entry.update({'previous_number': latest[1]}) -%}
  {%- set before = run_query(
    'select publication_number, publication_hash from ' ~ tables.publications.relation_name
    ~ ' order by publication_number desc limit 1'
  ).rows -%}
  {%- set number = before[0][0] | int + 1 if before else 1 -%}

  {%- do publish_components(tables, entry, number) -%}
  {%- do publish_dimension_scores(tables, entry, number) -%}
  {%- do publish_scores(tables, entry, number) -%}
  {%- do refuse_torn_publication(tables, entry, number) -%}

  {%- set totals = [] -%}
  {%- for name in ['component', 'dimension_score', 'score'] -%}
    {%- do totals.append(published_total(tables[name ~ 's'].relation_name, name, number)) -%}
  {%- endfor -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      {% for name, value in entry.items() if name != 'previous_number' -%}
      {% if value is none -%} null
      {%- else -%} {{ sql_literals([value | string]) }}
      {%- endif %} as {{ name }},
      {% endfor -%}
      {{ as_of_date() }} as as_of_date,
      {{ ledger_format() }} as format_version,
      '{{ code_version() }}' as code_version,
      {{ totals | join(', ') }},
      {% if before -%} '{{ before[0][1] }}' {%- else -%} null {%- endif %} as previous_hash
  {%- endset -%}
  {%- do insert_published(
    tables.publications, sql, 'publication_hash',
    {'published_at': local_now().strftime('%Y-%m-%d %H:%M:%S.%f'), 'build_id': invocation_id}
  ) -%}
  {%- set written = run_query(
    'select count(*) from ' ~ tables.publications.relation_name ~ ' where publication_number = ' ~ number
  ).columns[0][0] -%}
  {%- if written != 1 -%}
    {%- do exceptions.raise_compiler_error(
      'publication ' ~ number ~ ' was not made: it has ' ~ written ~ ' rows of publications; build again'
    ) -%}
  {%- endif -%}
  {%- do adapter.commit() -%}
  {%- do log('published ' ~ entry.period_type ~ ' ' ~ entry.period_start ~ ' revision ' ~ entry.revision, info=true) -%}
{%- endmacro %}
