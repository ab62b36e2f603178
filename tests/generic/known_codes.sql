{#
  Cells that hold none of the known codes, several columns in one scan.
  codes: {column: [values]}; a null is allowed where the list holds one.
#}
{% test known_codes(model, codes) %}
  select *
  from {{ model }}
  where
    {% for column, values in codes.items() -%}
    {%- if none in values -%}
    {{ column }} not in ('{{ values | reject('none') | join("', '") }}')
    {%- else -%}
    coalesce({{ column }}, '') not in ('{{ values | join("', '") }}')
    {%- endif -%}
    {{ " or " if not loop.last }}
    {%- endfor %}
{% endtest %}
