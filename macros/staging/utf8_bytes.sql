{# Possessive, so that a long text is tried only once. #}
{% macro utf8_bytes() -%}
  ^(?:[0-7].|(?:C[2-9A-F]|D.|E0[AB].|E[1-9A-CEF][89AB].|ED[89].|F0[9AB].[89AB].|F[1-3][89AB].[89AB].|F48.[89AB].)[89AB].)*+$
{%- endmacro %}
