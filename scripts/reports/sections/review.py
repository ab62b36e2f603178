"""The yearly review of the rules."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from reports import wording
from reports.marts import DIMENSIONS, IN_ORDER, IN_PERIOD, SUBJECT_TYPES, Marts

MARKED = {"changed_rank_count": "shades"}
COLUMNS = [
    ("kind", "kind", "text", 7), ("rule_set", "rule_set", "text", 10), ("dimension", "dimension_name", "text", 9),
    ("rule_id", "rule_id", "text", 8), ("valid_from", "valid_from", "date", 12), ("rule_name", "label", "text", 34),
    ("judged_units", "judged_count", "count", 9), ("business_units", "unit_count", "count", 9),
    ("in_band", "applied_share", "share", 9), ("ceiling", "ceiling_share", "share", 9),
    ("floor", "floor_share", "share", 9), ("mean_value", "value_mean", "statistic", 10),
    ("spread_column", "value_deviation", "statistic", 10), ("unit", "unit_name", "text", 7),
    ("with_score", "score_correlation", "value", 12),
    ("decided", "decided_points", "value", 12), ("ranks_changed", "changed_rank_count", "count", 10),
    ("verdict", "verdict_name", "text", 16),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what each rule decided in the year; None in reports of other periods."""
    label = f"label_{words.language}"
    rows = marts.read(
        f"""
        select this.*, coalesce(this.{label}, this.rule_id) as label, metrics.{label} as metric_label, metrics.unit,
            null as hall_id, coalesce(dimensions.{label}, this.dimension) as dimension_name
        from indicator_review as this {DIMENSIONS}
        left join dim_metrics as metrics on this.metric = metrics.metric
        where {IN_PERIOD}
        order by {SUBJECT_TYPES}, this.rule_set, this.weight = 0, this.dimension, this.rule_id, this.valid_from
        """,
        **here,
    )
    has_sets = len({row["rule_set"] for row in rows}) > 1
    spans = Counter((row["subject_type"], row["rule_set"], row["rule_id"]) for row in rows)
    for row in rows:
        has_spans = spans[row["subject_type"], row["rule_set"], row["rule_id"]] > 1
        row |= {
            "kind": words.subjects[row["subject_type"]],
            "place": IN_ORDER.index(row["subject_type"]),
            "spread": wording.spread(row["value_mean"], row["value_deviation"], row["unit"], words),
            "verdict_name": words.review_verdicts.get(row["verdict"], row["verdict"]),
            "unit_name": wording.unit_name(row["unit"], words),
            # Only what is needed to tell it from the other rules of the year.
            "short_name": " ".join(filter(None, [
                row["rule_id"], row["rule_set"] if has_sets else None,
                words.rule_from.format(row["valid_from"]) if has_spans else None,
            ])),
        }
        row["nothing"] = f"{row['short_name']}{words.open}{row['verdict_name']}{words.close}"
    return rows or None
