{% macro zone_offset() -%}
  {%- set zone = var('time_zone') -%}
  {%- if not modules.re.match('^[+-]\d{2}:\d{2}$', zone) -%}
    {{ exceptions.raise_compiler_error("var time_zone: '" ~ zone ~ "' is not an offset; write it as +08:00") }}
  {%- endif -%}
  {%- set minutes = (zone[1:3] | int * 60 + zone[4:6] | int) * (-1 if zone[0] == '-' else 1) -%}
  {{ return(modules.datetime.timedelta(minutes=minutes)) }}
{%- endmacro %}
