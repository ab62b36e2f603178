{% macro row_hash(columns) -%}
  {%- set texts = [] -%}
  {%- for column in columns -%}
    {%- if column.data_type.startswith('varchar') -%}
      {%- do texts.append(column.name) -%}
    {%- elif column.data_type.startswith('decimal') -%}
      {%- do texts.append('cast(cast(' ~ column.name ~ ' as ' ~ column.data_type ~ ') as char)') -%}
    {%- elif column.data_type == 'date' -%}
      {%- do texts.append('cast(' ~ column.name ~ ' as char)') -%}
    {%- else -%}
      {%- do texts.append('cast(cast(' ~ column.name ~ ' as signed) as char)') -%}
    {%- endif -%}
  {%- endfor -%}
  {{ fingerprint(texts) }}
{%- endmacro %}
