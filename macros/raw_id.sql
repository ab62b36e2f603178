{#
  A raw column as an id of at most 64 characters: raw_text, but what is longer is never cut into another id. It keeps
  its first 47 characters, and after a ~ 16 digits of the hash of all of it.
#}
{% macro raw_id(columns, name) -%}
  {%- if fits_id(columns, name) -%}
    {{ raw_text(columns, name) }}
  {%- else -%}
    {%- set whole = trimmed_text(utf8_text(columns, name)) -%}
    left(
      case
        when left({{ whole }}, 64) <> {{ whole }}
          then concat(left({{ whole }}, 47), '~', left(sha2({{ whole }}, 256), 16))
        else {{ whole }}
      end, 64
    )
  {%- endif -%}
{%- endmacro %}
