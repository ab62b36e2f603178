{% macro text_to_datetime(text) -%}
  {%- set clock = "'[ T]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?$'" -%}
  {%- set time = "substring_index(replace(left(" ~ text ~ ", 40), 'T', ' '), ' ', -1)" -%}
  case
    when {{ text }} regexp {{ clock }}
      then timestamp({{ text_to_date(text) }}, cast({{ time }} as time(6)))
    when {{ text }} regexp '^[0-9/-]+$' then cast({{ text_to_date(text) }} as datetime(6))
  end
{%- endmacro %}
