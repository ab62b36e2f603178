{#
  Text of other character sets becomes utf8mb4, so that columns can be joined. A TIMESTAMP is as staging reads it. A
  float times 2^100 loses nothing, and all servers write all its digits. Of unlimited texts only the part that staging
  reads counts: a server cannot hash a row longer than a packet.
#}
{% macro raw_value_text(columns, name) -%}
  {%- set type = columns.get(name, '') -%}
  {%- if type.startswith('float') or type.startswith('double') -%}
    case when abs(`{{ name }}`) < 1e15 then `{{ name }}` * 1267650600228229401496703205376e0 else `{{ name }}` + 0e0 end
  {%- elif type.startswith('timestamp') -%}
    {{ local_timestamp(name) }}
  {%- elif type.startswith(('mediumtext', 'longtext')) -%}
    {{ utf8_text(columns, name) }}
  {%- elif type.startswith(('mediumblob', 'longblob')) -%}
    left(`{{ name }}`, 65536)
  {%- elif ' ' in type and 'utf8mb4' not in type -%}
    convert(`{{ name }}` using utf8mb4)
  {%- else -%}
    `{{ name }}`
  {%- endif -%}
{%- endmacro %}
