-- A metric that metric_definitions.csv calls measured, and `metrics` does not measure: rules on it would give nothing.
select definitions.metric
from {{ ref('stg_metric_definitions') }} as definitions
where
    definitions.is_measured = 1
    and exists (select 1 from {{ ref('metrics') }})
    and not exists (select 1 from {{ ref('metrics') }} as metrics where metrics.metric = definitions.metric)
