{#
  If a build excluded such a table, the models after it would get old rows under the plan's new versions, and no later
  build would notice.
  Remove with incremental.sql.
#}
{% macro mark_left_out() -%}
  {%- if 'plan' in model.tags -%}
    {%- set after = namespace(ids=[model.unique_id], count=0) -%}
    {%- for _ in range(graph.nodes | length) if after.ids | length != after.count -%}
      {%- set after.count = after.ids | length -%}
      {%- for id, node in graph.nodes.items() if id not in after.ids and node.resource_type == 'model' -%}
        {%- if node.depends_on.nodes | select('in', after.ids) | list -%}
          {%- do after.ids.append(id) -%}
        {%- endif -%}
      {%- endfor -%}
    {%- endfor -%}
    {%- set names = [] -%}
    {%- for id in after.ids -%}
      {%- set node = graph.nodes[id] -%}
      {%- if 'plan' not in node.tags and node.config.materialized != 'view' -%}
        {%- do names.append(node.name) -%}
      {%- endif -%}
    {%- endfor -%}
    {%- call statement('mark_left_out') -%}
      update {{ slice_versions() }} set build_id = ''
      where slice = 'code' and model_name in ({{ sql_literals(names) }})
    {%- endcall -%}
    {%- do adapter.commit() -%}
  {%- endif -%}
{%- endmacro %}
