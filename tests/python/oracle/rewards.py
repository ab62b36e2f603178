"""Each subject with business against each reward tier."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from oracle.audits import audited_below, count_audited
from oracle.publication import is_appealed
from oracle.raw import Raw


def reward_candidates(raw: Raw, scores: list[dict], rankings: pd.DataFrame, upheld: dict) -> list[dict]:
    """Return each subject with business against each tier."""
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    ranks = {tuple(row[name] for name in names): row for row in rankings.to_dict("records")}
    ends = {(row["period_type"], row["period_start"]): row["period_end"] for row in scores}
    found = []
    for score in scores:
        if not score["is_closed"] or score["status"] == "no_business":
            continue
        key = tuple(score[name] for name in names)
        place, (upheld_count, attributable) = ranks.get(key), upheld[key]
        audited, matching = count_audited(raw, key[2], score["period_start"], score["period_end"])
        has_open_appeal = is_appealed(raw, key, score["period_end"], ends)
        won: dict[str, int] = {}
        tiers = raw.rules.on(
            "reward_tiers", score["period_start"], subject_type=key[3], period_type=key[0]
        )
        for tier in sorted(tiers, key=lambda tier: int(tier["tier"])):
            unranked = "shadow" if score["status"] == "shadow" else "not_scored"
            reasons = [] if place else [unranked]
            if place and place["ranked_score"] < Decimal(tier["min_score"]):
                reasons.append("score_too_low")
            if place and tier["max_rank_share"]:
                enough = Decimal(tier["max_rank_share"]) * place["ranked_in_group"]
                # The rank before this one must lie within the share.
                if place["rank_in_group"] - 1 >= enough:
                    reasons.append("rank_too_low")
            if score["case_count"] < int(tier["min_sample"] or 0):
                reasons.append("sample_too_small")
            if tier["complaints"] != "any" and not attributable:
                reasons.append("complaints_not_attributable")
            elif tier["complaints"] == "none" and (score["complaint_count"] or upheld_count):
                reasons.append("complaint")
            elif tier["complaints"] == "none_upheld" and upheld_count:
                reasons.append("upheld_complaint")
            if has_open_appeal:
                reasons.append("open_appeal")
            if tier["min_audit_match"] and matching < audited * Decimal(tier["min_audit_match"]):
                reasons.append("audit_mismatch")
            if not reasons and won.setdefault(tier["reward"], int(tier["tier"])) < int(tier["tier"]):
                reasons.append("higher_tier")
            found.append(dict(zip(names, key, strict=True)) | {
                "tier_id": tier["tier_id"], "is_candidate": int(not reasons),
                "missed_reason": ", ".join(reasons) or None, "upheld_count": upheld_count,
                "revision": score["revision"], "audited_count": audited, "has_open_appeal": int(has_open_appeal),
                "is_provisional": int(
                    score["revision"] is None
                    or audited_below(raw, key[2], score["period_start"], score["period_end"])
                ),
            })
    return found
