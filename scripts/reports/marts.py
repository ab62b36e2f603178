"""The marts of one schema, and SQL fragments that several queries share."""

from __future__ import annotations

import mysql.connector

from warehouse import WarehouseError, connect, printable, read_profile

KEY = ("hall_id", "subject_type", "subject_id")
SCORES = ("composite_score", "efficiency_score", "satisfaction_score", "digital_score")
IN_ORDER = ("hall", "department", "window", "clerk")
SUBJECT_TYPES = f"field(this.subject_type, {str(IN_ORDER)[1:-1]})"
# The names of a row's hall and subject; `this` is the mart that is read.
NAMED = """
    inner join dim_halls as halls on this.hall_id = halls.hall_id
    left join dim_windows as windows
        on this.subject_type = 'window' and this.hall_id = windows.hall_id and this.subject_id = windows.window_id
    left join dim_clerks as clerks
        on this.subject_type = 'clerk' and this.hall_id = clerks.hall_id and this.subject_id = clerks.clerk_id
"""
SUBJECT_NAME = (
    "case this.subject_type when 'hall' then halls.hall_name"
    " else coalesce(windows.window_name, clerks.clerk_name, this.subject_id) end as subject_name"
)
# The names of the dimensions, as `dimensions`.
DIMENSIONS = """
    left join (
        select dimension, min(label_zh) as label_zh, min(label_en) as label_en from dim_weights group by dimension
    ) as dimensions on this.dimension = dimensions.dimension
"""
IN_PERIOD = "this.period_type = %(period_type)s and this.period_start = %(start)s"
# Columns of free text may have several lines.
HAS_LINES = ("comment_text", "reason", "decision_reason")
IN_HALL = "(%(hall)s is null or this.hall_id = %(hall)s)"


class Marts:
    """The marts of one schema, read by named parameters."""

    def __init__(self, target: str | None):
        """Connect to an output of profiles.yml, or its default. Raises WarehouseError if that fails."""
        self.schema = read_profile(target)["schema"]
        self.connection = connect(target)
        try:
            self.connection.cursor().execute(f"use `{self.schema}`")
        except mysql.connector.Error as error:
            raise self.without_marts(error) from None

    def without_marts(self, error: mysql.connector.Error) -> WarehouseError:
        """Return the error for a missing schema or mart."""
        return WarehouseError(f"schema {self.schema} has no finished marts (run dbt build): {error.msg}")

    def read(self, sql: str, **parameters) -> list[dict]:
        """Return the rows of a query; {work} is the schema of stg_comments, the only model read besides marts."""
        cursor = self.connection.cursor()
        try:
            cursor.execute(sql.replace("{work}", f"`{self.schema}_work`"), parameters)
            names = cursor.column_names
            # Marts of an older build may hold raw control characters; one NUL would stop the whole report.
            return [
                {name: printable(cell, name in HAS_LINES) for name, cell in zip(names, row, strict=True)}
                for row in cursor.fetchall()
            ]
        except mysql.connector.Error as error:
            if error.errno in (1054, 1146):
                raise self.without_marts(error) from None
            raise
        finally:
            cursor.close()


def judges(marts: Marts, rules: str, here: dict) -> bool:
    """Return whether the period has ended and has such rules: has_triggers or has_reward_tiers of dim_periods."""
    return bool(marts.read(
        f"select 1 from dim_periods as this where {IN_PERIOD} and this.is_closed and this.{rules}", **here))
