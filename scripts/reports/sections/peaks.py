"""Arrivals and waits by weekday and hour."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_HALL, Marts

IS_PUBLIC = True  # what concerns a whole hall
MARKED = {"mean_arrivals": "shades", "avg_wait_minutes": "warm_shades", "p90_wait_minutes": "warm_shades"}
COLUMNS = [
    ("hall", "hall_name", "text", 22), ("weekday", "weekday", "text", 8), ("hours_column", "hours", "text", 13),
    ("dates", "first_day", "date", 12), ("to", "last_day", "date", 12),
    ("day_count", "day_count", "count", 7), ("arrivals", "mean_arrivals", "mean", 10),
    ("average_cases", "mean_cases", "mean", 10), ("average_wait", "avg_wait_minutes", "mean", 10),
    ("p90_wait", "p90_wait_minutes", "count", 13), ("within_target", "wait_within_target_rate", "share", 10),
    ("open_windows", "mean_open_windows", "mean", 13), ("self_service", "self_service_share", "share", 10),
    ("online", "online_share", "share", 10),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return arrivals and waits by weekday and hour; None if those weeks are not in the period."""
    rows = marts.read(
        f"""
        select this.*, halls.hall_name
        from peak_hours as this
        inner join dim_halls as halls on this.hall_id = halls.hall_id
        where this.first_day <= %(end)s and this.last_day >= %(start)s and {IN_HALL}
        order by this.hall_id, this.iso_weekday, this.hour_of_day
        """,
        **here,
    )
    return [
        row | {
            "weekday": words.weekdays[row["iso_weekday"] - 1],
            "hours": f"{row['hour_of_day']:02d}:00–{row['hour_of_day'] + 1:02d}:00",
        }
        for row in rows
    ] or None
