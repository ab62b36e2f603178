{#
  dbt sends 10,000: with texts as long as `make check-rules` allows, that is more than a server takes at once (16 MB by
  default on MariaDB). This file can go when dbt bounds the size of an insert.
#}
{% macro mysql__get_batch_size() -%}
  {{ return(10) }}
{%- endmacro %}
