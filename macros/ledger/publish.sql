{#
  Publish one period in one transaction: its components, what they add up to, and last the
  row of publications without which readers see none of it. entry: a row of this model.
#}
{% macro publish(entry) -%}
  {%- set tables = ledger_tables() -%}
  {%- do lock_publications() -%}
  {%- set is_published = run_query(
    'select 1 from ' ~ tables.publications.relation_name ~ ' as published where ' ~ in_period('published', entry)
    ~ ' and published.revision = ' ~ entry.revision
  ).rows | length > 0 -%}
  {%- if is_published -%}
    {%- do adapter.commit() -%}
    {{ return('another build published it first') }}
  {%- endif -%}
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
      entries.*,
      {{ as_of_date() }} as as_of_date,
      1 as format_version,
      '{{ code_version() }}' as code_version,
      {{ totals | join(', ') }},
      {% if before -%} '{{ before[0][1] }}' {%- else -%} null {%- endif %} as previous_hash
    from {{ this }} as entries
    where {{ in_period('entries', entry) }} and entries.revision = {{ entry.revision }}
  {%- endset -%}
  {%- do insert_published(
    tables.publications, sql, 'publication_hash',
    {'published_at': local_now().strftime('%Y-%m-%d %H:%M:%S.%f'), 'build_id': invocation_id}
  ) -%}
  {%- do adapter.commit() -%}
  {%- do log('published ' ~ entry.period_type ~ ' ' ~ entry.period_start ~ ' revision ' ~ entry.revision, info=true) -%}
{%- endmacro %}
