"""What citizens write about."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_HALL, IN_PERIOD, NAMED, SUBJECT_NAME, Marts

MARKED = {"share": "warm_shades"}
COLUMNS = [
    ("hall", "hall_name", "text", 22), ("kind", "kind", "text", 7), ("subject", "subject_name", "text", 20),
    ("subject_id", "subject_id", "text", 10), ("category", "label", "text", 18), ("texts", "text_count", "count", 8),
    ("share_column", "share", "share", 9), ("before", "previous_text_count", "count", 9),
    ("share_change", "share_change", "share_change", 14), ("rank", "rank_in_hall", "rank", 7),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what citizens wrote about, by hall, window and item, most frequent first; None without texts."""
    rows = marts.read(
        f"""
        select this.*, coalesce(this.label_{words.language}, this.category) as label, halls.hall_name, {SUBJECT_NAME}
        from pain_points as this {NAMED}
        where {IN_PERIOD} and {IN_HALL} and (
            this.text_count > 0 or this.previous_text_count > 0 or this.category = 'unclassified')
        order by this.hall_id, field(this.subject_type, 'hall', 'window', 'item'), this.subject_id,
            this.category = 'unclassified', this.text_count desc, this.category
        """,
        **here,
    )
    weakest: dict[tuple, list[str]] = {}
    for row in rows:
        row["kind"] = words.subjects.get(row["subject_type"]) or words.item
        # A rank among one means nothing.
        if row["rank_in_hall"] == 1 and row["ranked_in_hall"] > 1:
            weakest.setdefault((row["hall_id"], row["category"]), []).append(row["subject_name"])
    for row in rows:
        found = weakest.get((row["hall_id"], row["category"]), [])
        row["weakest"] = words.list_mark.join(found) if row["subject_type"] == "hall" else None
    return rows or None
