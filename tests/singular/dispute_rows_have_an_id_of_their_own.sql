-- A row without an id has no effect. Of rows with the same id, corrections and audits take the first, appeals none.
{{ config(severity='warn') }}

{% for table, id in [('appeals', 'appeal_id'), ('corrections', 'correction_id'), ('audit_samples', 'audit_id')] -%}
{%- set columns = raw_columns_of(table) -%}
select '{{ table }}' as raw_table, row_id, count(*) as row_count
from (select {{ raw_id(columns, id) }} as row_id from {{ raw_table(table, columns) }}) as ids
group by row_id
having row_id is null or count(*) > 1
{{ 'union all' if not loop.last }}
{% endfor %}
