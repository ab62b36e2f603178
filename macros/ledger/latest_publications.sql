{# For models that run before the view `publications`. #}
{% macro latest_publications() -%}
  select
        period_type,
        period_start,
        period_end,
        max(revision) as revision,
        max(publication_number) as publication_number
    from {{ source('ledger', 'publications') }}
    group by period_type, period_start, period_end
{%- endmacro %}
