"""Which database holds the raw tables."""

from __future__ import annotations

import os

import yaml

from warehouse import PROJECT_DIR, WarehouseError

VARIABLE = "HALL_SCORES_RAW_SCHEMA"  # read by earlier releases


def raw_schema(given: str | None = None) -> str:
    """Return the database that was given, else var raw_schema of dbt_project.yml, which dbt takes too.

    Raises WarehouseError for a name that is not plain, and where an earlier release's variable names another one.
    """
    schema = given
    if not schema:
        try:
            schema = str(yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"]["raw_schema"])
        except (OSError, yaml.YAMLError, KeyError, TypeError):
            raise WarehouseError("dbt_project.yml: vars 下没有 raw_schema / no raw_schema under vars") from None
    if not schema.replace("_", "").isalnum():
        raise WarehouseError(
            f"raw_schema: '{schema}' 须由字母、数字和下划线组成 / is made of letters, digits and underscores")
    other = os.environ.get(VARIABLE, schema)
    if other != schema:
        raise WarehouseError(
            f"不再读取环境变量 {VARIABLE}（{other}），原始表所在数据库是 {schema}；要改请写 dbt_project.yml 的"
            f" raw_schema，并删去该变量 / the environment variable {VARIABLE} ({other}) is no longer read, the raw"
            f" tables are in {schema}; set raw_schema in dbt_project.yml, and take the variable out"
        )
    return schema
