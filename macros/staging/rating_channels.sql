{# The channels that a rating may come by; any other word is an unknown channel. #}
{% macro rating_channels() -%}
  {{ return(['touchscreen', 'wechat', 'app', 'sms']) }}
{%- endmacro %}
