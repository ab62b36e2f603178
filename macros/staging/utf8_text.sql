{#
  MySQL stops with an error if a pattern takes too long. Converting bytes that are not UTF-8 gives null on MySQL and
  an error on MariaDB.
#}
{% macro utf8_text(columns, name, is_id=false) -%}
  {%- set type = columns[name] -%}
  {%- set column = '`' ~ name ~ '`' -%}
  {%- set longest = 65535 -%}
  {%- set text = 'convert(' ~ column ~ ' using utf8mb4) collate utf8mb4_bin' -%}
  {%- if 'binary' in type or 'blob' in type -%}
    case
      when length({{ column }}) <= {{ longest }} and hex({{ column }}) regexp '{{ utf8_bytes() }}' then {{ text }}
      {%- if is_id %}
      when length({{ column }}) <= {{ longest }}
        then convert(concat('0x', hex({{ column }})) using utf8mb4) collate utf8mb4_bin
      {%- endif %}
    end
  {%- elif type.startswith(('mediumtext', 'longtext')) -%}
    left({{ text }}, {{ longest }})
  {%- else -%}
    {{ text }}
  {%- endif -%}
{%- endmacro %}
