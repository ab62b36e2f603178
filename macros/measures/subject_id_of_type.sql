{# The id of the subject of types.subject_type, from the columns of a relation, and of another for its department. #}
{% macro subject_id_of_type(relation, department_relation) -%}
  case types.subject_type
    {% for subject_type, subject_column in scored_subjects().items() -%}
    when '{{ subject_type }}' then {{ department_relation if subject_type == 'department' else relation }}.{{ subject_column }}
    {% endfor -%}
  end
{%- endmacro %}
