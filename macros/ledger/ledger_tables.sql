{% macro ledger_tables() -%}
  {%- set tables = {} -%}
  {%- if execute -%}
    {%- for name in ['components', 'dimension_scores', 'scores', 'publications'] -%}
      {%- do tables.update({name: graph.sources['source.' ~ project_name ~ '.ledger.' ~ name]}) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(tables) }}
{%- endmacro %}
