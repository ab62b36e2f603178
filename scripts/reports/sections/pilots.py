"""What pilots changed."""

from __future__ import annotations

from types import SimpleNamespace

from reports import wording
from reports.marts import DIMENSIONS, IN_HALL, Marts

COLUMNS = [
    ("pilot", "label", "text", 22), ("hall", "hall_name", "text", 20), ("go_live", "go_live", "date", 11),
    ("weeks_before", "weeks_before", "text", 14), ("weeks_after", "weeks_after", "text", 14),
    ("metric", "metric_label", "text", 20), ("unit", "unit_name", "text", 7), ("status", "status_name", "text", 10),
    ("value_before", "before_value", "metric", 10), ("value_after", "after_value", "metric", 10),
    ("value_change", "value_change", "change", 14),
    ("sample_before", "before_sample_size", "count", 11), ("sample_after", "after_sample_size", "count", 11),
    ("improvement", "improvement_share", "share", 10), ("halls_compared", "compared", "text", 20),
    ("others_before", "comparison_before_value", "metric", 11),
    ("others_after", "comparison_after_value", "metric", 11),
    ("others_sample_before", "comparison_before_sample_size", "count", 11),
    ("others_sample_after", "comparison_after_sample_size", "count", 11),
    ("others", "comparison_improvement_share", "share", 14), ("net_improvement", "net_improvement_share", "share", 10),
    ("claimed", "claimed_improvement", "share", 10), ("claim", "verdict", "text", 12),
    ("net_claim", "net_verdict", "text", 14), ("in_words", "sentence", "wrapped", 48),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what live pilots changed, beside the claim, newest first; None if no pilot is live."""
    label = f"label_{words.language}"
    rows = marts.read(
        f"""
        select this.*, coalesce(this.{label}, this.pilot_id) as label,
            coalesce(halls.hall_name, this.hall_id) as hall_name, metrics.{label} as metric_label, metrics.unit,
            coalesce(dimensions.{label}, this.dimension) as dimension_name
        from pilot_effects as this {DIMENSIONS}
        left join dim_halls as halls on this.hall_id = halls.hall_id
        inner join dim_metrics as metrics on this.metric = metrics.metric
        where this.go_live <= %(end)s and {IN_HALL}
        order by this.go_live desc, this.pilot_id, field(this.dimension, 'efficiency', 'satisfaction') = 0,
            this.dimension, this.metric
        """,
        **here,
    )
    pilots = list(dict.fromkeys(row["pilot_id"] for row in rows))
    for row in rows:
        others = row["comparison_hall_count"]
        row |= {
            "place": pilots.index(row["pilot_id"]),
            "status_name": words.pilot_statuses.get(row["status"], row["status"]),
            "has_value": row["before_value"] is not None or row["after_value"] is not None,
            "unit_name": wording.unit_name(row["unit"], words),
            "weeks_before": f"{row['before_week_count']} / {row['before_weeks']}",
            "weeks_after": f"{row['after_week_count']} / {row['after_weeks']}",
            "compared": wording.counted(
                words.comparison_halls[row["comparison_scope"]], others).format(others) if others else None,
            "verdict": wording.claim(row, row["is_claim_met"], words),
            "net_verdict": wording.claim(row, row["is_net_claim_met"], words),
        }
        if row["net_verdict"] and row["status"] == "measured" and not others:
            row["net_verdict"] = words.claim_alone
        row["sentence"] = wording.claim_sentence(row, words)
    return rows or None
