{# The scored subject types as rows, for a join that reads a table once for all of them. #}
{% macro subject_types() -%}
  (
    {% for subject_type in scored_subjects() -%}
    select '{{ subject_type }}' as subject_type
    {%- if not loop.last %}
    union all
    {% endif -%}
    {%- endfor %}
  )
{%- endmacro %}
