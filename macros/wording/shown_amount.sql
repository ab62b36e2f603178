{% macro shown_amount(value, language, units='units') -%}
  {%- set scaled = value ~ ' * coalesce(' ~ units ~ '.scale, 1)' -%}
  concat({{ shown_number(scaled) }}, ' ',
    {% if language == 'zh' -%} coalesce({{ units }}.word_zh, '')
    {%- else -%} coalesce(case when {{ scaled }} = 1 then {{ units }}.word_en else {{ units }}.words_en end, '')
    {%- endif %})
{%- endmacro %}
