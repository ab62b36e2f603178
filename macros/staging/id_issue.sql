{#
  What had to be mended in any of these raw columns that hold ids, null where nothing had: trimmed_id where one begins
  or ends with white space or a control character other than plain blanks, unprintable_id where one holds such signs.
  All are looked at together first: hardly a row has a sign at all that could be one.
#}
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
