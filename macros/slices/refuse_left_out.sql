{# Remove with incremental.sql. #}
{% macro refuse_left_out(signature) -%}
  {%- if signature.left_out -%}
    {%- do exceptions.raise_compiler_error(
      this.identifier ~ ': 它所依据的 ' ~ signature.left_out | join(', ') ~ ' 还没有按最新数据重建，本模型保持原样；'
      ~ '请运行完整的 dbt build，或 --select +' ~ this.identifier
      ~ ' / ' ~ signature.left_out | join(', ') ~ ' have not been built from the latest data, so this model stays as '
      ~ 'it is; run `dbt build` whole, or --select +' ~ this.identifier
    ) -%}
  {%- endif -%}
{%- endmacro %}
