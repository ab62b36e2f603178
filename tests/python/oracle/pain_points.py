"""What citizens write about."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from oracle.raw import Raw
from oracle.values import rounded


def pain_points(raw: Raw, periods: list[tuple[str, date, date]]) -> list[dict]:
    """Return what citizens write about, of each hall, window and item; windows are ranked within their hall."""
    heard = defaultdict(list)
    for row in [*raw.ratings, *raw.complaints]:
        if row["text"]:
            words = raw.rules.on("pain_point_keywords", row["day"])
            found = {word["category"] for word in words if word["keyword"].lower() in row["text"].lower()}
            subjects = {"hall": row["hall"], "window": row["window"], "item": row["item"]}
            heard[row["day"]].append(([(row["hall"], *s) for s in subjects.items() if s[1]], found))
    counts: dict = defaultdict(lambda: defaultdict(int))
    for kind, first, last in periods:
        for day in heard:
            if kind != "rolling_7d" and first <= day <= last:
                for subjects, found in heard[day]:
                    for subject in subjects:
                        for category in found or {"unclassified"}:
                            counts[kind, first, *subject][category] += 1
                        counts[kind, first, *subject]["all"] += 1
    starts = {(kind, last + timedelta(days=1)): first for kind, first, last in periods}
    rows = []
    subjects = {key[2:] for key in counts}
    for kind, first, _ in periods:
        minimum = raw.rules.parameter("pain_point_minimum_texts", first)
        before = starts.get((kind, first))
        ranked: dict = defaultdict(list)
        for subject in subjects if kind != "rolling_7d" else ():
            now = counts.get((kind, first, *subject), {})
            then = counts.get((kind, before, *subject), {})
            for category in ({*now, *then} | {"unclassified"}) - {"all"} if now or then else ():
                share = rounded(Decimal(now.get(category, 0)) / now["all"], 10) if now else None
                old_share = rounded(Decimal(then.get(category, 0)) / then["all"], 10) if then else None
                row = {
                    "period_type": kind, "period_start": first, "hall_id": subject[0], "subject_type": subject[1],
                    "subject_id": subject[2], "category": category, "text_count": now.get(category, 0),
                    "all_text_count": now.get("all", 0), "share": share,
                    "previous_text_count": then.get(category, 0) if before else None,
                    "previous_share": old_share,
                    "share_change": share - old_share if now and then else None, "rank_in_hall": None,
                }
                rows.append(row)
                is_named = category != "unclassified" and row["text_count"]
                if subject[1] == "window" and is_named and row["all_text_count"] >= minimum:
                    ranked[subject[0], category].append(row)
        for group in ranked.values():
            for row in group:
                row["rank_in_hall"] = 1 + sum(other["share"] > row["share"] for other in group)
    return rows
