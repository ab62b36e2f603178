"""Rewards: who reaches a tier and who misses it."""

from __future__ import annotations

from types import SimpleNamespace

from reports import wording
from reports.marts import IN_HALL, IN_PERIOD, NAMED, SUBJECT_NAME, SUBJECT_TYPES, Marts, judges

IS_PUBLIC = True  # what concerns a whole hall
COLUMNS = [
    ("tier", "tier_name", "text", 22), ("tier_conditions", "conditions", "wrapped", 58),
    ("result", "result", "text", 9),
    ("hall", "hall_name", "text", 22), ("kind", "kind", "text", 7), ("subject", "subject_name", "text", 20),
    ("subject_id", "subject_id", "text", 10), ("peer_group", "group", "text", 9),
    ("composite", "ranked_score", "score", 10), ("rank", "rank_in_group", "rank", 7),
    ("ranked_in_group", "ranked_in_group", "rank", 11), ("cases", "case_count", "count", 8),
    ("complaints", "complaint_count", "count", 8), ("audited", "audited_count", "count", 8),
    ("audit_match", "audit_match_rate", "share", 9), ("missed_reason", "why", "wrapped", 40),
    ("revision_column", "revision", "rank", 9), ("tentative", "tentative", "text", 9),
]


def read(marts: Marts, here: dict, words: SimpleNamespace) -> list[dict] | None:
    """Return who reaches a reward and who misses it, candidates first; None if no tier judges the period."""
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
