{#
  A row as the text that is hashed: its columns in order, joined by "|"; decimals with all
  their digits, nulls empty, "%" and "|" within a text written %25 and %7C.
#}
{% macro canonical_text(columns) -%}
  concat_ws(
    '|'
    {%- for column in columns -%}
    ,
    {% if column.data_type.startswith('varchar') -%}
    coalesce(replace(replace({{ column.name }}, '%', '%25'), '|', '%7C'), '')
    {%- elif column.data_type.startswith('decimal') -%}
    coalesce(cast(cast({{ column.name }} as {{ column.data_type }}) as char), '')
    {%- elif column.data_type == 'date' -%}
    coalesce(cast({{ column.name }} as char), '')
    {%- else -%}
    coalesce(cast(cast({{ column.name }} as signed) as char), '')
    {%- endif -%}
    {%- endfor %}
  )
{%- endmacro %}
