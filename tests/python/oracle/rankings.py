"""Who stands where among the scored."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

import pandas as pd

from oracle.values import rounded


def rankings(scores: list[dict]) -> pd.DataFrame:
    """Return the competition ranks of the scored subjects."""
    group_of = ("period_type", "period_start", "subject_type", "rule_set", "peer_group")
    hall_of = ("period_type", "period_start", "subject_type", "hall_id")
    groups, halls = defaultdict(list), defaultdict(list)
    scored = [row for row in scores if row["status"] == "scored"]
    for row in scored:
        shown = rounded(row["composite_score"], 2)
        groups[tuple(row[key] for key in group_of)].append(shown)
        halls[tuple(row[key] for key in hall_of)].append(shown)
    ranked, ranks = [], {}
    for row in scored:
        shown = rounded(row["composite_score"], 2)
        group, hall = groups[tuple(row[k] for k in group_of)], halls[tuple(row[k] for k in hall_of)]
        below = sum(score < shown for score in group)
        percentile = rounded(Decimal(below) / (len(group) - 1), 6) if len(group) > 1 else None
        place = {
            **{key: row[key] for key in (*group_of, "hall_id", "subject_id", "period_end")},
            "is_provisional": row["is_provisional"], "revision": row["revision"],
            "ranked_score": shown, "rank_in_group": 1 + sum(score > shown for score in group),
            "ranked_in_group": len(group), "rank_in_hall": 1 + sum(score > shown for score in hall),
            "ranked_in_hall": len(hall), "percentile": percentile,
        }
        subject = tuple(row[key] for key in ("hall_id", "subject_type", "subject_id", "rule_set", "peer_group"))
        ranks[row["period_type"], row["period_end"], subject] = place["rank_in_group"]
        ranked.append((subject, place))
    for subject, place in ranked:
        before = ranks.get((place["period_type"], place["period_start"] - timedelta(days=1), subject))
        place["previous_rank"] = before
        place["rank_change"] = None if before is None else before - place["rank_in_group"]
    return pd.DataFrame([place for _, place in ranked])
