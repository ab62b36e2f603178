{# Remove with incremental.sql. #}
{% macro slice_condition(columns, keys, days_before=0) -%}
  {%- set column_names = columns.split(',') | map('trim') | list -%}
  {%- set conditions = [] -%}
  {%- if column_names | length > 1 -%}
    {%- for period_type, periods in keys | groupby(0) -%}
      {%- set rules_of = {} -%}
      {%- for rule, same_rule in periods | groupby(attribute=2, default='', case_sensitive=true) -%}
        {%- do rules_of.setdefault(sql_literals(same_rule | map(attribute=1)), []).append(rule) -%}
      {%- endfor -%}
      {%- for starts, rules in rules_of.items() -%}
        {%- do conditions.append(
          column_names[0] ~ " = '" ~ period_type ~ "' and " ~ column_names[1] ~ " in (" ~ starts ~ ")"
          ~ (" and " ~ column_names[2] ~ " in (" ~ sql_literals(rules) ~ ")" if rules[0])
        ) -%}
      {%- endfor -%}
    {%- endfor -%}
  {%- else -%}
    {%- set day_ranges = [] -%}
    {%- for (day,) in keys | sort -%}
      {%- if day == 'none' -%}
        {%- do conditions.append(unknown_day(columns)) -%}
      {#- From an earlier release: 0000-00-00 allows no date arithmetic. -#}
      {%- elif day < '1900' -%}
        {%- do conditions.append(columns ~ " < '1900-01-01'") -%}
      {%- else -%}
        {%- set last = modules.datetime.datetime.strptime(day, '%Y-%m-%d') -%}
        {%- set first = last - modules.datetime.timedelta(days=days_before) -%}
        {%- if day_ranges and first <= day_ranges[-1].last + modules.datetime.timedelta(days=1) -%}
          {%- do day_ranges[-1].update(last=last) -%}
        {%- else -%}
          {%- do day_ranges.append({'first': first, 'last': last}) -%}
        {%- endif -%}
      {%- endif -%}
    {%- endfor -%}
    {%- for days in day_ranges -%}
      {%- set day_before = days.first - modules.datetime.timedelta(days=1) -%}
      {%- do conditions.append(
        '(' ~ columns ~ " > '" ~ day_before.strftime('%Y-%m-%d') ~ "' and " ~ columns ~ " <= '"
        ~ days.last.strftime('%Y-%m-%d') ~ "')"
      ) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return('(' ~ conditions | join(' or ') ~ ')') }}
{%- endmacro %}
