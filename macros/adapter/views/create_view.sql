{#
  dbt-core puts the SQL in parentheses; MariaDB refuses that if it begins with `with`.
  This file can go when dbt-mysql writes its own create view.
#}
{% macro mysql__create_view_as(relation, sql) -%}
  {%- if config.get('contract').enforced -%}
    {%- do exceptions.raise_compiler_error(
      'contract of ' ~ this.identifier ~ ': MySQL cannot enforce one on a view; make it a table, or leave the contract out'
    ) -%}
  {%- endif -%}
  create or replace view {{ relation }} as
  {{ sql }}
{%- endmacro %}
