{% macro raise_rule_problems() -%}
  {%- if execute -%}
    {%- set rows = run_query('select seed_file, row_key, column_name, problem from ' ~ this ~ ' order by 1, 2, 3').rows -%}
    {%- if rows | length > 0 -%}
      {%- set lines = [] -%}
      {%- for row in rows -%}
        {%- do lines.append(one_line('seeds/rules/' ~ row[0] ~ ': row ' ~ row[1] ~ ': ' ~ row[2] ~ ': ' ~ row[3])) -%}
      {%- endfor -%}
      {{ exceptions.raise_compiler_error('the rules have ' ~ rows | length ~ ' problem(s); no mart was changed\n' ~ lines | join('\n')) }}
    {%- endif -%}
  {%- endif -%}
  select 1
{%- endmacro %}
