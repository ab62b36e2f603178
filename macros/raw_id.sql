{#
  A raw column as an id of at most 64 characters, without blank_ends. What is longer, or holds unprintable signs, is
  never made into another id: it keeps its first 47 printable characters, and after a ~ 16 digits of the hash of all
  of it.
#}
{% macro raw_id(columns, name) -%}
  {%- if name not in columns -%}
    {{ raw_text(columns, name) }}
  {%- else -%}
    {%- set text = id_column(columns, name) -%}
    {%- set whole = trimmed_id(text) -%}
    {%- set long = ' or left(' ~ whole ~ ', 64) <> ' ~ whole if not fits_id(columns, name) -%}
    case
      when {{ is_plain(text) }}{{ ' and left(' ~ text ~ ', 64) = ' ~ text if long }} then
        {{- ' left(' ~ text ~ ', 64)' if long else ' ' ~ text }}
      when {{ text }} is not null
        then cast(
          case
            when {{ whole }} regexp '{{ unprintable() }}'{{ long or '' }}
              then concat(
                left(regexp_replace({{ whole }}, '{{ unprintable() }}', ''), 47), '~', left(sha2({{ whole }}, 256), 16)
              )
            else {{ whole }}
          end as char(64)
        ) collate utf8mb4_bin
    end
  {%- endif -%}
{%- endmacro %}
