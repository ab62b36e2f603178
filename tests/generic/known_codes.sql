{% test known_codes(model, codes) %}
  {%- set mart = graph.nodes.values() | selectattr('name', 'equalto', model.identifier) | first if execute %}
  select *
  from {{ model }}
  where
    {% if mart and mart.config.materialized == 'incremental' and 'period_start' in mart.config.slice_by -%}
    {{ in_written_periods(mart.config.slice_by | join(', '), mart.name) }} and
    {%- endif %}
    (
    {% for column, values in codes.items() -%}
    {%- if none in values -%}
    {{ column }} not in ('{{ values | reject('none') | join("', '") }}')
    {%- else -%}
    coalesce({{ column }}, '') not in ('{{ values | join("', '") }}')
    {%- endif -%}
    {{ " or " if not loop.last }}
    {%- endfor %}
    )
{% endtest %}
