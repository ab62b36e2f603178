"""The sections of a report that rest on a mart of their own: what follows from the scores.

A section is a reader here, macros in a template of its name, and a sheet in workbook.py. A reader returns
rows with the words that page and sheet show, or None where its section does not belong to the period.
"""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

from reports import wording
from reports.marts import DIMENSIONS, IN_HALL, IN_ORDER, IN_PERIOD, NAMED, SUBJECT_NAME, SUBJECT_TYPES, Marts
from reports.masking import mask

# Sections of which the public sees what concerns a whole hall; of all others nothing. An action tells of
# earlier periods too, in which a hall may not have been public; checks are for those who mend the data.
PUBLIC = ("peaks", "rewards")


def read_actions(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the actions of improvement_actions; None where no trigger judges the period."""
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


def read_rewards(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return who reaches a reward and who misses it, candidates first; None where no tier judges the period."""
    if not judges(marts, "has_reward_tiers", here):
        return None
    rows = marts.read(
        f"""
        select this.*, this.label_{words.language} as label, halls.hall_name, {SUBJECT_NAME}
        from reward_candidates as this {NAMED}
        where {IN_PERIOD} and {IN_HALL}
        order by {SUBJECT_TYPES}, this.reward, this.tier, this.tier_id, this.is_candidate desc,
            this.rank_in_group is null, this.rank_in_group, this.peer_group, this.hall_id, this.subject_id
        """,
        **here,
    )
    tiers = list(dict.fromkeys(row["tier_id"] for row in rows))
    for row in rows:
        row |= {
            "place": tiers.index(row["tier_id"]),
            "kind": words.subjects[row["subject_type"]],
            "tier_name": row["label"] or row["tier_id"],
            "conditions": wording.tier_conditions(row, words),
            "group": wording.group_name(row["peer_group"], words),
            "result": words.candidate if row["is_candidate"] else words.missed,
            "tentative": words.tentative if row["is_provisional"] else None,
            "why": words.list_mark.join(
                words.missed_reasons.get(reason, reason)
                for reason in (row["missed_reason"] or "").split(", ") if reason
            ),
        }
    return rows


def read_peaks(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return arrivals and waits by weekday and hour; None when those weeks are not of the period."""
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


def read_checks(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the checks of the raw data, worst first; None when they looked at days that are not of the period."""
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


def read_pains(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what citizens wrote about, by hall, window and item, the most frequent first; None without a text."""
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
        # The first of one says nothing.
        if row["rank_in_hall"] == 1 and row["ranked_in_hall"] > 1:
            weakest.setdefault((row["hall_id"], row["category"]), []).append(row["subject_name"])
    for row in rows:
        found = weakest.get((row["hall_id"], row["category"]), [])
        row["weakest"] = words.list_mark.join(found) if row["subject_type"] == "hall" else None
    return rows or None


def read_channels(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the ratings of each hall by channel, all together last; None without a rating."""
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
        # What is wanted is wanted of all channels together.
        if row["channel"] != "all":
            row["wanted_coverage"] = row["coverage_gap"] = None
    return rows if any(row["rating_count"] for row in rows) else None


def read_merits(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return the approved merit of each hall by kind, the most first; None without any."""
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
    # Anything may stand in a raw column.
    return [
        row | {"kind_name": words.feedback_channels["unknown"] if row["kind"] == "unknown" else mask(row["kind"])}
        for row in rows
    ] or None


def read_pilots(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what the pilots that are live changed, beside what was claimed, newest first; None while none is live."""
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


def read_review(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
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
            # As much as tells it from the other rules of the year.
            "short_name": " ".join(filter(None, [
                row["rule_id"], row["rule_set"] if has_sets else None,
                words.rule_from.format(row["valid_from"]) if has_spans else None,
            ])),
        }
        row["nothing"] = f"{row['short_name']}{words.open}{row['verdict_name']}{words.close}"
    return rows or None


def read_measures(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return what the values of each metric were like in the year, those that no rule uses first; None as above."""
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


def read_correlations(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return how far two metrics say the same in the year, the closest first; None in reports of other periods."""
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


# In the order of the sheets.
READERS = {
    "actions": read_actions, "rewards": read_rewards, "peaks": read_peaks, "pains": read_pains,
    "channels": read_channels, "merits": read_merits, "pilots": read_pilots, "review": read_review,
    "measures": read_measures, "correlations": read_correlations, "checks": read_checks,
}


def judges(marts: Marts, rules: str, here: dict) -> bool:
    """Return whether the period has ended and has such rules: has_triggers or has_reward_tiers of dim_periods."""
    return bool(marts.read(
        f"select 1 from dim_periods as this where {IN_PERIOD} and this.is_closed and this.{rules}", **here))


def read_sections(marts: Marts, here: dict, words: SimpleNamespace) -> dict[str, list[dict] | None]:
    """Return the rows of all sections."""
    return {name: read(marts, here, words) for name, read in READERS.items()}


def public_sections(sections: dict[str, list[dict] | None], shown: set[str]) -> dict[str, list[dict] | None]:
    """Return what the public may see: rows about halls of `shown`, none about a window or a clerk."""
    return {
        name: [
            row for row in rows or [] if row["hall_id"] in shown and row.get("subject_type", "hall") == "hall"
        ] or None if name in PUBLIC else None
        for name, rows in sections.items()
    }
