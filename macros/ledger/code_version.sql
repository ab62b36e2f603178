{% macro code_version() -%}
  {%- if var('code_version') -%}
    {{ return(var('code_version') | string) }}
  {%- endif -%}
  {%- set parts = [] -%}
  {%- for name in models_before(['model.' ~ project_name ~ '.scores']) | sort -%}
    {%- do parts.append(name ~ ' ' ~ graph.nodes['model.' ~ project_name ~ '.' ~ name].checksum.checksum) -%}
  {%- endfor -%}
  {{ return(local_md5(parts | join('\n'))) }}
{%- endmacro %}
