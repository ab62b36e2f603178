{# Their lengths are tested together first, because hardly any row has one. #}
{% macro has_long_id(columns, names, length=64) -%}
  {%- set texts = [] -%}
  {%- for name in names if not fits_id(columns, name, length - 1) -%}
    {%- do texts.append(id_column(columns, name)) -%}
  {%- endfor -%}
  {%- if texts -%}
  case
    when length(concat_ws('', {{ texts | join(', ') }})) >= {{ length }}
      then coalesce(
        {%- for text in texts %}
        left({{ trimmed_id(text) }}, {{ length }}) <> {{ trimmed_id(text) }}
        or {{ is_like_shortened(trimmed_id(text)) }} or
        {%- endfor %} 1 = 0, 0
      )
    else 0
  end
  {%- else -%}
  0
  {%- endif -%}
{%- endmacro %}
