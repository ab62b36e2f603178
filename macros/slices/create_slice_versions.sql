{# dbt has no kind of table that a build never drops. Remove with incremental.sql. #}
{% macro create_slice_versions() -%}
  {%- set state = slice_versions() -%}
  {%- if execute -%}
    {%- do adapter.create_schema(state) -%}
  {%- endif -%}
  {%- if execute and table_exists(state) -%}
  select 1
  {%- else -%}
  create table if not exists {{ state }} (
    model_name varchar(64) not null comment '模型。 / Model.',
    slice varchar(128) not null comment '切片：日期、周期或周期与规则；code 为模型代码。 / Day, period, or period and rule; code for the SQL of the model.',
    version varchar(64) not null comment '切片所依据的数据与规则的指纹。 / Hash of what the slice was built from.',
    build_id varchar(36) not null comment '写入该切片的构建。 / Build that wrote the slice.',
    primary key (model_name, slice)
  ) default character set utf8mb4 collate utf8mb4_bin
  comment '各模型已写切片的版本。 / Versions of the slices that each model holds.'
  {%- endif -%}
{%- endmacro %}
