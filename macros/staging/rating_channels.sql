{% macro rating_channels() -%}
  {{ return(['touchscreen', 'wechat', 'app', 'sms']) }}
{%- endmacro %}
