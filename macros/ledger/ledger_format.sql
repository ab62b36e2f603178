{# The format_version of new publications: how rows are written and hashed (docs/publication.md), rule_book_hash too. #}
{% macro ledger_format() -%}
  2
{%- endmacro %}
