-- A fingerprint of each day's raw rows. A nightly build reads the last `lookback_days` and keeps the others from
-- the build before; days that differ are measured again.
{{ config(tags=['plan'], post_hook="{{ record_reconcile() }}") }}
{%- set raw_tables = {
    'service_log': raw_columns_of('service_log'),
    'feedback': raw_columns_of('feedback'),
} -%}
{%- set day_columns = {'service_log': 'service_date', 'feedback': 'date'} -%}
{#- Other columns are no part of any result, and may be too large for the server to hash. -#}
{%- set contract = {} -%}
{%- for source in graph.sources.values() if execute and source.source_name == 'hall' -%}
  {%- do contract.update({source.name: source.columns}) -%}
{%- endfor -%}
{%- set fingerprints = {} -%}
{%- for table_name, columns in raw_tables.items() -%}
  {%- set values = [] -%}
  {%- for column in columns if column in contract[table_name] -%}
    {%- do values.append(raw_value_text(columns, column)) -%}
  {%- endfor -%}
  {%- do fingerprints.update({table_name: rows_fingerprint(values) if values else 'null'}) -%}
{%- endfor -%}
{%- set raw_signature = local_md5(source('hall', 'service_log').schema ~ raw_tables ~ fingerprints) -%}
{%- set first_day = first_day_to_check(raw_signature) %}

with

checked as (

    {% for table_name, columns in raw_tables.items() -%}
    {%- set day = raw_day(columns, day_columns[table_name]) -%}
    select
        '{{ table_name }}' as raw_table,
        {{ raw_slice_day(columns, day_columns[table_name]) }} as service_day,
        count(*) as row_count,
        {{ fingerprints[table_name] }} as fingerprint
    from {{ raw_table(table_name, columns) }}
    {% if first_day -%}
    where {{ day }} > date_sub('{{ first_day }}', interval 1 day) or {{ unknown_day(day) }}
    {% endif -%}
    group by 1, 2
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}

),

kept as (

    select checked.*, '{{ invocation_id }}' as build_id from checked
    {% if first_day -%}
    union all
    select raw_table, service_day, row_count, fingerprint, build_id
    from {{ this }}
    where service_day < '{{ first_day }}'
    {%- endif %}

)

select
    cast(raw_table as char(32)) as raw_table,
    service_day,
    -- The cast gives the column the same type after a full read and after a read of some days.
    cast(row_count as signed) as row_count,
    cast(fingerprint as char(64)) as fingerprint,
    cast(build_id as char(36)) as build_id,
    cast({{ as_of_date() }} as date) as as_of_date,
    '{{ raw_signature }}' as raw_signature
from kept
