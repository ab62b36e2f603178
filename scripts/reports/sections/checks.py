"""Checks of the raw data."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_HALL, Marts

COLUMNS = [
    ("severity", "severity_name", "text", 9), ("hall", "hall_name", "text", 22), ("table", "table", "text", 11),
    ("check", "what", "text", 30), ("check_value", "value", "metric", 9), ("warn_from", "warn_from", "metric", 9),
    ("error_from", "error_from", "metric", 9), ("days_checked", "first_day", "date", 12),
    ("to", "last_day", "date", 12), ("todo", "todo", "wrapped", 60),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the checks of the raw data, worst first; None if they were about days outside the period."""
    rows = marts.read(
        f"""
        select this.*, this.label_{words.language} as label, halls.hall_name
        from quality_checks as this
        inner join dim_halls as halls on this.hall_id = halls.hall_id
        where this.first_day <= %(end)s and this.last_day >= %(start)s and {IN_HALL}
        order by field(this.severity, 'error', 'warn', 'no_data', 'ok'), this.hall_id, this.check_id, this.raw_table
        """,
        **here,
    )
    for row in rows:
        row |= {
            "what": row["label"] or row["check_id"],
            "unit": "share" if row["check_id"].endswith("_share") else "day",
            "table": words.raw_tables.get(row["raw_table"], row["raw_table"]),
            "severity_name": words.severities.get(row["severity"], row["severity"]),
            "todo": words.check_advice.get(row["check_id"]) if row["severity"] in ("warn", "error") else None,
        }
    return rows or None
