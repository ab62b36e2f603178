{% macro raw_id(columns, name, is_shown=false) -%}
  {%- if name not in columns -%}
    {{ raw_text(columns, name) }}
  {%- else -%}
    {%- set text = id_column(columns, name) -%}
    {%- set whole = trimmed_id(text) -%}
    {%- set is_long = not fits_id(columns, name) -%}
    {%- set may_be_like = not is_shown and not fits_id(columns, name, 63) -%}
    case
      when
        {{ is_plain(text) }}{{ ' and left(' ~ text ~ ', 64) = ' ~ text if is_long }}
        {{- ' and not (' ~ is_like_shortened(text) ~ ')' if may_be_like }}
        then {{ 'left(' ~ text ~ ', 64)' if is_long else text }}
      when {{ text }} is not null
        then cast(
          case
            when
              {{ whole }} regexp '{{ unprintable() }}'{{ ' or left(' ~ whole ~ ', 64) <> ' ~ whole if is_long }}
              {{- ' or (' ~ is_like_shortened(whole) ~ ')' if may_be_like }}
              then concat(
                left(regexp_replace({{ whole }}, '{{ unprintable() }}', ''), 47), '~', left(sha2({{ whole }}, 256), 16)
              )
            else {{ whole }}
          end as char(64)
        ) collate utf8mb4_bin
    end
  {%- endif -%}
{%- endmacro %}
