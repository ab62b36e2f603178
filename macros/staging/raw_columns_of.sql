{# Staging fills missing columns with null; missing required columns are reported before any model runs. #}
{% macro raw_columns_of(table_name, required=[]) -%}
  {%- set found = {} -%}
  {%- if execute -%}
    {%- set raw_schema = source('hall', table_name).schema -%}
    {%- set query -%}
      select column_name, lower(concat_ws(' ', column_type, collation_name))
      from information_schema.columns
      where table_schema = '{{ raw_schema }}' and table_name = '{{ table_name }}'
      order by ordinal_position
    {%- endset -%}
    {%- for row in run_query(query).rows -%}
      {%- do found.update({row[0] | lower: row[1]}) -%}
    {%- endfor -%}
    {%- for name in required if name not in found -%}
      {{ exceptions.raise_compiler_error(
        'raw table ' ~ raw_schema ~ '.' ~ table_name ~ ' has no column ' ~ name ~ '; it needs '
        ~ required | join(', ') ~ ' (load it with scripts/load_logs.py, or set var raw_schema)'
      ) }}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}
