{# Remove with incremental.sql. #}
{% macro models_before(nodes) -%}
  {%- set names = [] -%}
  {%- set waiting = nodes | list -%}
  {%- for _ in range(1000) if waiting -%}
    {%- set node = graph.nodes.get(waiting.pop()) -%}
    {%- if node and node.resource_type == 'model' and 'plan' not in node.tags and node.name not in names -%}
      {%- do names.append(node.name) -%}
      {%- do waiting.extend(node.depends_on.nodes) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(names) }}
{%- endmacro %}
