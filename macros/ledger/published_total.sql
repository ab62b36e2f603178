{# In two levels, by the first two digits: on MariaDB sha2 of more than 16 MB is null. #}
{% macro published_total(relation, name, number) -%}
  {%- set row = run_query(
    "select coalesce(sum(row_count), 0), sha2(coalesce(group_concat(group_hash order by group_name separator ''), ''), 256)"
    ~ " from (select left(row_hash, 2) as group_name, count(*) as row_count,"
    ~ " sha2(group_concat(row_hash order by row_hash separator ''), 256) as group_hash"
    ~ " from " ~ relation ~ " where publication_number = " ~ number ~ " group by left(row_hash, 2)) as row_groups"
  ).rows[0] -%}
  {{ return(row[0] ~ ' as ' ~ name ~ "_count, '" ~ row[1] ~ "' as " ~ name ~ '_hash') }}
{%- endmacro %}
