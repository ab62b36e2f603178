"""The rule files, and which of their rows are in force on a day."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from oracle.values import day_of

LAST_DAY = date(9999, 12, 31)


class Rules:
    """The rule files, each row with its first and last day."""

    def __init__(self, folder: Path):
        self.rows = {}
        for path in sorted(folder.glob("*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = list(csv.DictReader(file))
            for row in rows:
                row["from"] = day_of(row.get("valid_from", ""), date.min)
                row["to"] = day_of(row.get("valid_to", ""), LAST_DAY)
            self.rows[path.stem] = rows

    @cache  # noqa: B019 - asked for each subject and period, of some hundred days
    def on(self, name: str, day: date, **cells: str) -> list[dict]:
        """Return the rows in force on a day whose cells have these values."""
        return [
            row for row in self.rows[name]
            if row["from"] <= day <= row["to"] and all(row[key] == value for key, value in cells.items())
        ]

    def parameter(self, name: str, day: date) -> Decimal | None:
        rows = self.on("metric_parameters", day, parameter=name)
        return Decimal(rows[0]["value"]) if rows else None
