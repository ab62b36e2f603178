"""Actions to improve."""

from __future__ import annotations

from types import SimpleNamespace

from reports import wording
from reports.marts import IN_HALL, IN_PERIOD, NAMED, SUBJECT_NAME, SUBJECT_TYPES, Marts, judges

COLUMNS = [
    ("state", "state_name", "text", 8), ("hall", "hall_name", "text", 22), ("kind", "kind", "text", 7),
    ("subject", "subject_name", "text", 20), ("subject_id", "subject_id", "text", 10), ("action", "what", "text", 34),
    ("metric", "metric_label", "text", 20), ("fires_when", "condition", "text", 14),
    ("value_now", "value", "metric", 10), ("unit", "unit_name", "text", 7),
    ("sample", "sample_size", "count", 8), ("since", "opened_in", "date", 12),
    ("run_length", "run_length", "count", 9), ("deadline", "deadline_working_days", "count", 9),
    ("due_on", "due_on", "date", 12), ("overdue", "late", "text", 8), ("evidence", "evidence_text", "wrapped", 60),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the actions of improvement_actions; None if no trigger judges the period."""
    if not judges(marts, "has_triggers", here):
        return None
    label = f"label_{words.language}"
    rows = marts.read(
        f"""
        select this.*, this.{label} as label, halls.hall_name, {SUBJECT_NAME}, metrics.{label} as metric_label,
            coalesce(metrics.unit, 'point') as unit, coalesce(metrics.is_count, 0) as is_count
        from improvement_actions as this {NAMED}
        left join dim_metrics as metrics on this.metric = metrics.metric
        where {IN_PERIOD} and {IN_HALL}
        order by this.hall_id, field(this.state, 'new', 'continuing', 'recovered', 'ended'), {SUBJECT_TYPES},
            this.subject_id, this.trigger_id
        """,
        **here,
    )
    for row in rows:
        row["metric_label"] = row["metric_label"] or words.score_metrics[row["metric"]]
        evidence = wording.evidence(row, words)
        row |= {
            "kind": words.subjects[row["subject_type"]],
            "what": row["label"] or row["action"],
            "state_name": words.action_states.get(row["state"], row["state"]),
            "condition": wording.condition(row, words),
            "unit_name": wording.unit_name(row["unit"], words),
            "since": wording.short_period(row["opened_in"], row["period_type"]),
            "deadline": words.due_line.format(row["due_on"]) if row["due_on"] else wording.counted(
                words.deadline_line, row["deadline_working_days"]).format(row["deadline_working_days"]),
            "no_date": None if row["due_on"] else words.no_due_date,
            "late": words.overdue if row["is_open"] and row["is_overdue"] else None,
            "evidence_lines": evidence,
            "evidence_text": words.list_mark.join(evidence),
        }
    return rows
