"""Approved merit by kind."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_HALL, IN_PERIOD, Marts
from reports.masking import mask

COLUMNS = [
    ("hall", "hall_name", "text", 22), ("merit_kind", "kind_name", "text", 22), ("records", "record_count", "count", 9),
    ("merit_subjects", "subject_count", "count", 11), ("quantity", "quantity", "value", 10),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the approved merit of each hall by kind, most first; None without any."""
    rows = marts.read(
        f"""
        select this.*, halls.hall_name
        from merit_kinds as this
        inner join dim_halls as halls on this.hall_id = halls.hall_id
        where {IN_PERIOD} and {IN_HALL}
        order by this.hall_id, this.kind = 'unknown', this.quantity desc, this.kind
        """,
        **here,
    )
    # A raw column may hold anything.
    return [
        row | {"kind_name": words.feedback_channels["unknown"] if row["kind"] == "unknown" else mask(row["kind"])}
        for row in rows
    ] or None
