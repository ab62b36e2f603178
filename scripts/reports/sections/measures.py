"""The yearly review of the metrics."""

from __future__ import annotations

from types import SimpleNamespace

from reports import wording
from reports.marts import IN_PERIOD, SUBJECT_TYPES, Marts

COLUMNS = [
    ("kind", "kind", "text", 7), ("rule_set", "rule_set", "text", 10), ("metric", "metric_label", "text", 24),
    ("rules_using", "rule_count", "count", 9), ("business_units", "unit_count", "count", 9),
    ("measured_units", "value_count", "count", 9), ("ceiling", "ceiling_share", "share", 9),
    ("floor", "floor_share", "share", 9), ("mean_value", "value_mean", "statistic", 10),
    ("spread_column", "value_deviation", "statistic", 10), ("least", "value_min", "statistic", 10),
    ("greatest", "value_max", "statistic", 10), ("unit", "unit_name", "text", 7),
    ("with_score", "score_correlation", "value", 12),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the values of each metric in the year, unused metrics first; None in reports of other periods."""
    rows = marts.read(
        f"""
        select this.*, metrics.label_{words.language} as metric_label, metrics.unit, null as hall_id
        from metric_review as this
        inner join dim_metrics as metrics on this.metric = metrics.metric
        where {IN_PERIOD}
        order by {SUBJECT_TYPES}, this.rule_set, this.rule_count > 0, this.metric
        """,
        **here,
    )
    has_sets = len({row["rule_set"] for row in rows}) > 1
    for row in rows:
        row |= {
            "kind": words.subjects[row["subject_type"]],
            "set_name": row["rule_set"] if has_sets else None,
            "unit_name": wording.unit_name(row["unit"], words),
            "spread": wording.spread(row["value_mean"], row["value_deviation"], row["unit"], words),
        }
    return rows or None
