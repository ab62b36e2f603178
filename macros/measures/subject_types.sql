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
