{# Literals and columns of two collations cannot be compared: say so before any model runs. #}
{% macro assert_connection() -%}
  {%- if execute -%}
    {%- set collation = run_query('select @@collation_connection').columns[0][0] -%}
    {%- if collation != 'utf8mb4_bin' -%}
      {{ exceptions.raise_compiler_error(
        "profiles.yml: output '" ~ target.name ~ "' needs `charset: utf8mb4` and `collation: utf8mb4_bin`; "
        ~ "the connection has " ~ collation
      ) }}
    {%- endif -%}
  {%- endif -%}
  select 1
{%- endmacro %}
