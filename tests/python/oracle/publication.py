"""What was published, and what appeals made of it: the standing scores."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from oracle.raw import Raw
from oracle.scoring import clamped
from oracle.values import rounded


def is_published(raw: Raw, kind: str, first: date, last: date) -> bool:
    """Return whether a build as of this day has published the period."""
    start = date.fromisoformat(raw.rules.on("metric_parameters", raw.as_of, parameter="publish_from")[0]["value"])
    lag = int(raw.rules.parameter("publication_lag", first))
    return kind != "rolling_7d" and first >= start and last + timedelta(days=lag) <= raw.as_of


def is_appealed(raw: Raw, key: tuple, last: date, ends: dict[tuple, date]) -> bool:
    """Return whether the subject waits for a decision about a published part of the period."""
    return any(
        appeal["decision"] == "pending" and appeal["key"][2:] == key[2:]
        and is_published(raw, *appeal["key"][:2], ends[appeal["key"][:2]])
        and key[1] <= appeal["key"][1] and ends[appeal["key"][:2]] <= last
        for appeal in raw.appeals
    )


def standing_scores(raw: Raw, marts: dict[str, list[dict]]) -> list[dict]:
    """Return the scores with the revision they were published in, moved by the appeals that were upheld."""
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    dimension_of = {(*(row[n] for n in names), row["rule_id"]): row["dimension"]
                    for row in marts["score_components"]}
    weighed = defaultdict(list)
    for row in marts["dimension_scores"]:
        weighed[tuple(row[name] for name in names)].append(row)
    upheld = [appeal for appeal in raw.appeals if appeal["decision"] == "upheld" and appeal["points"]]
    moved_periods = {appeal["key"][:2] for appeal in upheld}
    found = []
    for score in marts["scores"]:
        key = tuple(score[name] for name in names)
        if not is_published(raw, *key[:2], score["period_end"]):
            found.append(score | {"revision": None})
            continue
        points: dict[str, Decimal] = defaultdict(Decimal)
        for appeal in upheld:
            if appeal["key"] == key:
                points[dimension_of[*key, appeal["rule_id"]]] += appeal["points"]
        score = score | {"revision": 2 if key[:2] in moved_periods else 1}
        if points and score["status"] in ("scored", "shadow"):
            total = Decimal(0)
            for row in weighed[key]:
                limits = raw.rules.on("dimension_weights", key[1], rule_set=row["rule_set"],
                                      dimension=row["dimension"])[0]
                value = clamped(row["unclamped_score"] + points[row["dimension"]], limits)
                score[f"{row['dimension']}_score"] = value if row["score"] is not None else None
                total += row["weight"] * (value if row["score"] is not None else 0)
            score["composite_score"] = rounded(total, 6)
        found.append(score)
    return found
