{# Read when compiled, so that the SQL names each column of each rule file. Keys come first, in their order. #}
{% macro rule_columns() -%}
  {%- set seeds = {} -%}
  {%- if execute -%}
    {%- set query -%}
      select seed, column_name, max(data_type), max(key_order), max(coalesce(not_below, above))
      from {{ ref('rule_columns') }}
      group by seed, column_name
      order by seed, coalesce(max(key_order), '9'), column_name
    {%- endset -%}
    {%- for seed, name, data_type, key_order, other in run_query(query).rows -%}
      {%- do seeds.setdefault(seed, {}).update(
        {name: {'data_type': data_type, 'is_key': key_order is not none, 'other': other}}
      ) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(seeds) }}
{%- endmacro %}
