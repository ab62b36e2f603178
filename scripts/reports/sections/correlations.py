"""Which metrics measure the same."""

from __future__ import annotations

from types import SimpleNamespace

from reports.marts import IN_PERIOD, SUBJECT_TYPES, Marts

COLUMNS = [
    ("kind", "kind", "text", 7), ("metric_a", "label_a", "text", 24), ("metric_b", "label_b", "text", 24),
    ("pairs", "pair_count", "count", 9), ("correlation", "correlation", "value", 10),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the correlations of metrics in the year, strongest first; None in reports of other periods."""
    label = f"label_{words.language}"
    rows = marts.read(
        f"""
        select this.*, a.{label} as label_a, b.{label} as label_b, null as hall_id
        from metric_correlations as this
        inner join dim_metrics as a on this.metric_a = a.metric
        inner join dim_metrics as b on this.metric_b = b.metric
        where {IN_PERIOD} and this.correlation is not null
        order by {SUBJECT_TYPES}, abs(this.correlation) desc, this.metric_a, this.metric_b
        """,
        **here,
    )
    for row in rows:
        row["kind"] = words.subjects[row["subject_type"]]
    return rows or None
