{# Remove with add_keys.sql. #}
{% macro is_oceanbase() -%}
  {%- set kept = adapter.config.vars.to_dict() -%}
  {%- if 'is_oceanbase' not in kept -%}
    {%- set version = run_query('select @@version_comment').columns[0].values()[0] | lower -%}
    {%- do kept.update({'is_oceanbase': 'oceanbase' in version}) -%}
  {%- endif -%}
  {{ return(kept.is_oceanbase) }}
{%- endmacro %}
