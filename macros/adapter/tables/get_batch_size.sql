{#
  dbt sends 10,000 rows. With the longest texts that `make check-rules` allows, that exceeds a server's packet limit
  (16 MB by default on MariaDB). This file can go when dbt limits the size of an insert.
#}
{% macro mysql__get_batch_size() -%}
  {{ return(10) }}
{%- endmacro %}
