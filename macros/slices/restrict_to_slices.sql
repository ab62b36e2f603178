{# Remove with incremental.sql. #}
{% macro restrict_to_slices(sql, keys) -%}
  {%- set parts = modules.re.split('1 = 1 /\\* in_slices: ([^:]+): (\\d+) \\*/', sql) -%}
  {%- set restricted = [parts[0]] -%}
  {%- for n in range(1, parts | length, 3) -%}
    {%- do restricted.append(slice_condition(parts[n], keys, parts[n + 1] | int)) -%}
    {%- do restricted.append(parts[n + 2]) -%}
  {%- endfor -%}
  {{ return(restricted | join) }}
{%- endmacro %}
