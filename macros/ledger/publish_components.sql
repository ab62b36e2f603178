{#
  The components of a publication: those that hold now, or those of the revision before when
  only an appeal was upheld; and the adjustments of upheld appeals that are not among them.
#}
{% macro publish_components(tables, entry, number, period) -%}
  {%- set ledger = tables.components -%}
  {%- set columns = ledger.columns.keys() | reject('in', ['publication_number', 'line_number', 'row_hash']) | join(', ') -%}
  {%- set sql -%}
    select
      {{ number }} as publication_number,
      row_number() over (order by hall_id, subject_type, subject_id, dimension, rule_id, appeal_id) as line_number,
      {{ columns }}
    from (
      {% if entry.base_number is none -%}
      select {{ columns }} from {{ ref('publishable_components') }} where {{ period }}
      {%- else -%}
      select {{ columns }} from {{ ledger.relation_name }} where publication_number = {{ entry.base_number }}
      {%- endif %}
      union all
      select {{ columns }} from {{ ref('appeal_components') }}
      where {{ period }}
      {%- if entry.base_number is not none %} and appeal_id not in (
        select appeal_id from {{ ledger.relation_name }}
        where publication_number = {{ entry.base_number }} and appeal_id is not null
      )
      {%- endif %}
    ) as components
  {%- endset -%}
  {%- do insert_published(ledger, sql) -%}
{%- endmacro %}
