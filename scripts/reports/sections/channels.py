"""Ratings by channel."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_HALL, IN_PERIOD, Marts

COLUMNS = [
    ("hall", "hall_name", "text", 22), ("channel", "channel_name", "text", 12), ("ratings", "rating_count", "count", 9),
    ("share_column", "rating_share", "share", 9), ("mean_rating", "avg_rating", "mean", 9),
    ("coverage", "coverage", "share", 9), ("wanted", "wanted_coverage", "share", 9),
    ("gap", "coverage_gap", "share", 9), ("negative", "negative_count", "count", 9),
    ("callback_due", "callback_due_count", "count", 10), ("callback_done", "callback_count", "count", 10),
    ("called_back", "callback_rate", "share", 10),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the ratings of each hall by channel, the total last; None without ratings."""
    rows = marts.read(
        f"""
        select this.*, halls.hall_name
        from feedback_channels as this
        inner join dim_halls as halls on this.hall_id = halls.hall_id
        where {IN_PERIOD} and {IN_HALL} and (this.rating_count > 0 or this.channel = 'all')
        order by this.hall_id, this.channel = 'all', this.channel = 'unknown', this.rating_count desc, this.channel
        """,
        **here,
    )
    for row in rows:
        row["channel_name"] = words.feedback_channels.get(row["channel"], row["channel"])
        # The wanted coverage is for all channels together.
        if row["channel"] != "all":
            row["wanted_coverage"] = row["coverage_gap"] = None
    return rows if any(row["rating_count"] for row in rows) else None
