{#
  Literals and columns of different collations cannot be compared. A profiles.yml from before TLS would not use it.
#}
{% macro assert_connection() -%}
  {%- if execute -%}
    {%- if env_var('HALL_SCORES_SSL_CA', '') and target.server and adapter.type() != 'mysql_tls' -%}
      {{ exceptions.raise_compiler_error(
        "profiles.yml: 设了 HALL_SCORES_SSL_CA，输出 " ~ target.name ~ " 的 type 却不是 mysql_tls，连接未经验证；"
        ~ "请照 profiles.yml.example 补上 / HALL_SCORES_SSL_CA is set and output '" ~ target.name
        ~ "' is not of `type: mysql_tls`, so nothing is verified; take over the lines of profiles.yml.example"
      ) }}
    {%- endif -%}
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
