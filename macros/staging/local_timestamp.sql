{#
  From its seconds since 1970, which do not depend on the time zone of server or reader. A view may not set the
  session's time zone, and its reader may have another.
#}
{% macro local_timestamp(name) -%}
  (cast('{{ modules.datetime.datetime(1970, 1, 1) + zone_offset() }}' as datetime(6))
    + interval nullif(unix_timestamp(`{{ name }}`), 0) second)
{%- endmacro %}
