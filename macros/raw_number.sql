{#
  A raw column as decimal(20, 10), or null when it is no number or missing. A
  whole or decimal column is used as it is: a cast would scan all history again.
#}
{% macro raw_number(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- if type == '' -%}
    cast(null as decimal(20, 10))
  {%- elif type.startswith('decimal') or 'int' in type -%}
    `{{ name }}`
  {%- elif type.startswith('bit') -%}
    cast(`{{ name }}` as unsigned)
  {%- elif type.startswith('double') or type.startswith('float') -%}
    case when abs(`{{ name }}`) < 1e9 then cast(`{{ name }}` as decimal(20, 10)) end
  {%- else -%}
    {{ text_to_number('trim(convert(`' ~ name ~ '` using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
