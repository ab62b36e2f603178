{# An integer or decimal column is used as it is if its type is not wider: a cast would scan all history again. #}
{% macro raw_number(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- set decimal = modules.re.match('^decimal\\((\\d+),(\\d+)\\)', type) -%}
  {%- set digits = decimal.group(1) | int - decimal.group(2) | int if decimal else 0 -%}
  {%- set longest = 9 -%}
  {%- if type == '' -%}
    cast(null as decimal(20, 10))
  {%- elif type.startswith('bigint') or digits > longest -%}
    case when {{ column }} > -1e9 and {{ column }} < 1e9 then {{ column }} end
  {%- elif decimal or 'int' in type -%}
    {{ column }}
  {%- elif type.startswith('bit') -%}
    cast({{ column }} as unsigned)
  {%- elif type.startswith('double') or type.startswith('float') -%}
    case when abs({{ column }}) < 1e9 then cast({{ column }} as decimal(20, 10)) end
  {%- else -%}
    {{ text_to_number('trim(convert(' ~ column ~ ' using utf8mb4))') }}
  {%- endif -%}
{%- endmacro %}
