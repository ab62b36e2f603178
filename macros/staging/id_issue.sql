{# All columns are tested together first, because hardly any row has such a character. #}
{% macro id_issue(columns, names) -%}
  {%- set texts = [] -%}
  {%- for name in names if name in columns -%}
    {%- do texts.append(id_column(columns, name)) -%}
  {%- endfor -%}
  {%- if texts -%}
  case
    when concat_ws('|', {{ texts | join(', ') }}) regexp '{{ odd_sign() }}'
      then nullif(concat_ws(
        ', ',
        case
          when {% for text in texts %}trim({{ text }}) regexp {{ blank_ends() }}{{ ' or ' if not loop.last }}{% endfor %}
            then 'trimmed_id'
        end,
        case
          when
            {% for text in texts %}{{ trimmed_id(text) }} regexp '{{ unprintable() }}'{{ ' or ' if not loop.last }}
            {%- endfor %}
            then 'unprintable_id'
        end
      ), '')
  end
  {%- else -%}
  cast(null as char(64))
  {%- endif -%}
{%- endmacro %}
