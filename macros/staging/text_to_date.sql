{#
  The day is added to the first of the month and must stay in that month, so that 30 February is null. As a date it
  would stop the whole build in strict mode.
#}
{% macro text_to_date(text) -%}
  {%- set shape = "'^(19|20)[0-9]{2}[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12][0-9]|3[01])([ T].*)?$'" -%}
  {%- set parts = "replace(replace(left(" ~ text ~ ", 20), '/', '-'), 'T', ' ')" -%}
  {%- set year = "left(" ~ parts ~ ", 4)" -%}
  {%- set month = "substring_index(substring_index(" ~ parts ~ ", '-', 2), '-', -1)" -%}
  {%- set day = "substring_index(substring_index(substring_index(" ~ parts ~ ", ' ', 1), '-', 3), '-', -1)" -%}
  {%- set first = "cast(concat(" ~ year ~ ", '-', lpad(" ~ month ~ ", 2, '0'), '-01') as date)" -%}
  case
    when {{ text }} regexp {{ shape }} then
      case
        when cast({{ day }} as unsigned) <= day(last_day({{ first }}))
          then date_add({{ first }}, interval cast({{ day }} as unsigned) - 1 day)
      end
  end
{%- endmacro %}
