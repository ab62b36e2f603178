{% macro first_day_to_check(raw_signature) -%}
  {%- set parameters = ref('stg_metric_parameters') -%}
  {%- if not execute or should_full_refresh() or var('reconcile') or load_relation(this) is none -%}
    {{ return(none) }}
  {%- endif -%}
  {%- set query -%}
    select date_sub(
      least(min(checked.as_of_date), cast({{ as_of_date() }} as date)),
      interval max(cast(lookback.parameter_value as signed)) day
    )
    from {{ this }} as checked
    inner join {{ parameters }} as lookback
      on lookback.parameter = 'lookback_days' and {{ as_of_date() }} between lookback.valid_from and lookback.valid_to
    having min(checked.raw_signature) = '{{ raw_signature }}' and max(checked.raw_signature) = '{{ raw_signature }}'
  {%- endset -%}
  {%- set rows = run_query(query).rows -%}
  {{ return(rows[0][0] if rows else none) }}
{%- endmacro %}
