{#
  By its seconds since 1970, which alone are the same whatever the time zone of server and reader: a view may not name
  the session's, and its reader has another.
#}
{% macro local_timestamp(name) -%}
  (cast('{{ modules.datetime.datetime(1970, 1, 1) + zone_offset() }}' as datetime(6))
    + interval nullif(unix_timestamp(`{{ name }}`), 0) second)
{%- endmacro %}
