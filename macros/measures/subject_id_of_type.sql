{% macro subject_id_of_type(relation, department_relation) -%}
  case types.subject_type
    {% for subject_type, subject_column in scored_subjects().items() -%}
    when '{{ subject_type }}' then {{ department_relation if subject_type == 'department' else relation }}.{{ subject_column }}
    {% endfor -%}
  end
{%- endmacro %}
