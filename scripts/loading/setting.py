"""What the loader reads from dbt_project.yml: the database of the raw tables, and the time zone."""

from __future__ import annotations

import os
import re

import yaml

from warehouse import PROJECT_DIR, WarehouseError

VARIABLE = "HALL_SCORES_RAW_SCHEMA"  # read by earlier releases


def project_variables() -> dict:
    """Return the vars of dbt_project.yml; an empty dict if it cannot be read."""
    try:
        return dict(yaml.safe_load((PROJECT_DIR / "dbt_project.yml").read_text("utf-8"))["vars"])
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError):
        return {}


def raw_schema(given: str | None = None, variables: dict | None = None) -> str:
    """Return the given database, else var raw_schema of dbt_project.yml, as dbt does.

    Raises WarehouseError for a name that is not plain, and if the variable of earlier releases names another one.
    """
    schema = given
    if not schema:
        schema = str((project_variables() if variables is None else variables).get("raw_schema") or "")
        if not schema:
            raise WarehouseError("dbt_project.yml: vars 下没有 raw_schema / no raw_schema under vars")
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


def zone_minutes(variables: dict) -> int:
    """Return the UTC offset of var time_zone, in minutes. Raises WarehouseError."""
    found = re.fullmatch(r"([+-])(\d{1,2}):(\d{2})", str(variables.get("time_zone")))
    if not found:
        raise WarehouseError("dbt_project.yml: vars 下没有 time_zone，应写 +08:00 / no time_zone under vars, write"
                             " +08:00")
    sign, hours, minutes = found.groups()
    return (-1 if sign == "-" else 1) * (int(hours) * 60 + int(minutes))
