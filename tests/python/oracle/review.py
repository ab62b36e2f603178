"""Rules and metrics looked at over a year."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import combinations

from oracle.measures import LOWER_IS_BETTER
from oracle.raw import Raw
from oracle.values import SUBJECT_TYPES, rounded

# The best and the worst value that a metric can have; shares 1 and 0.
ENDS = dict.fromkeys(LOWER_IS_BETTER, (0, None)) | {
    "avg_rating": (5, 1), "merit_quantity": (None, 0), "zero_complaint_months": (12, 0),
}


def indicator_review(raw: Raw, marts: dict[str, list[dict]]) -> list[dict]:
    """Return what each rule gave in a year and whose rank would be another without it."""
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    units = {
        tuple(row[name] for name in names): row for row in reviewed_scores(marts) if row["status"] != "no_business"
    }
    dimensions = {
        (*(row[name] for name in names), row["dimension"]): row for row in marts["dimension_scores"]
    }
    found: dict[tuple, dict] = {}
    groups: dict[tuple, list[tuple[Decimal, Decimal]]] = defaultdict(list)
    for component in marts["score_components"]:
        key = tuple(component[name] for name in names)
        if key not in units or component["rule_type"] == "base":
            continue
        start, unit = key[1], units[key]
        scope = {name: component[name] for name in ("rule_set", "rule_id")}
        [rule] = raw.rules.on("scoring_rules", start, **scope)
        if (rule["period_type"] or "month") != key[0]:
            continue
        reviewed = (start.year, rule["rule_set"], rule["rule_id"], rule["from"], key[3])
        row = found.setdefault(reviewed, {
            "period_start": date(start.year, 1, 1), "rule_set": rule["rule_set"], "rule_id": rule["rule_id"],
            "valid_from": rule["from"], "subject_type": key[3], "unit_count": 0, "applied_count": 0,
            "judged_count": 0, "points_sum": Decimal(0), "scored_count": 0, "decided_points": Decimal(0),
            "changed_rank_count": 0,
        })
        row["unit_count"] += 1
        row["applied_count"] += component["status"] == "applied"
        row["judged_count"] += component["status"] in ("applied", "not_met")
        row["points_sum"] += component["points"]
        if unit["composite_score"] is None:
            continue
        dimension = dimensions[(*key, rule["dimension"])]
        [limits] = raw.rules.on(
            "dimension_weights", start, rule_set=rule["rule_set"], dimension=rule["dimension"]
        )
        without = dimension["unclamped_score"] - component["points"]
        if limits["min_score"]:
            without = max(without, Decimal(limits["min_score"]))
        if limits["max_score"]:
            without = min(without, Decimal(limits["max_score"]))
        difference = Decimal(0) if dimension["score"] is None else dimension["score"] - without
        decided = rounded(dimension["weight"] * difference, 6)
        row["scored_count"] += 1
        row["decided_points"] += abs(decided)
        if unit["status"] == "scored":
            groups[(*reviewed, start, unit["peer_group"])].append((unit["composite_score"], decided))
    for key, pairs in groups.items():
        shown = [rounded(score, 2) for score, _ in pairs]
        others = [rounded(score - decided, 2) for score, decided in pairs]
        found[key[:5]]["changed_rank_count"] += sum(
            sum(other > mine for other in shown) != sum(other > left for other in others)
            for mine, left in zip(shown, others, strict=True)
        )
    return list(found.values())


def metric_review(raw: Raw, marts: dict[str, list[dict]]) -> list[dict]:
    """Return what the values of each metric were like over the closed months of a year, by rule set."""
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    units = {
        tuple(row[name] for name in names): row for row in marts["scores"]
        if row["period_type"] == "month" and row["is_closed"] and row["status"] != "no_business" and row["rule_set"]
    }
    found = defaultdict(list)
    for row in marts["metrics"]:
        unit = units.get(tuple(row[name] for name in names))
        if unit:
            year = row["period_start"].year
            found[year, unit["rule_set"], row["subject_type"], row["metric"]].append((row["value"], unit))
    used = defaultdict(set)
    for kind, start in {(row["period_type"], row["period_start"]) for row in reviewed_scores(marts)}:
        for rule in raw.rules.on("scoring_rules", start):
            [limits] = raw.rules.on(
                "dimension_weights", start, rule_set=rule["rule_set"], dimension=rule["dimension"])
            judges = rule["rule_type"] != "base" and (rule["period_type"] or "month") == kind
            if judges and Decimal(limits["weight"]):
                for subject_type in [rule["subject_type"]] if rule["subject_type"] else SUBJECT_TYPES:
                    used[start.year, rule["rule_set"], subject_type, rule["metric"]].add(rule["rule_id"])
    return [{
        "period_start": date(key[0], 1, 1), "rule_set": key[1], "subject_type": key[2], "metric": key[3],
        "is_closed": int(date(key[0], 12, 31) <= raw.as_of), "rule_count": len(used[key]),
        "unit_count": len(pairs),
    } | described(key[3], pairs) for key, pairs in found.items()]


def metric_correlations(raw: Raw, marts: dict[str, list[dict]]) -> list[dict]:
    """Return how alike each two metrics run over the closed months of a year."""
    names = ("period_type", "period_start", "hall_id", "subject_type", "subject_id")
    values = {
        tuple(row[name] for name in names): {} for row in marts["scores"]
        if row["period_type"] == "month" and row["is_closed"] and row["status"] != "no_business"
    }
    for row in marts["metrics"]:
        key = tuple(row[name] for name in names)
        if key in values and row["value"] is not None:
            values[key][row["metric"]] = row["value"]
    pairs = defaultdict(list)
    for (_, start, _, subject_type, _), own in values.items():
        for a, b in combinations(sorted(own), 2):
            pairs[start.year, subject_type, a, b].append((own[a], own[b]))
    found = []
    for (year, subject_type, a, b), both in pairs.items():
        count, xs, ys = len(both), [x for x, _ in both], [y for _, y in both]
        spread_a, spread_b = (count * sum(v * v for v in side) - sum(side) ** 2 for side in (xs, ys))
        together = count * sum(x * y for x, y in both) - sum(xs) * sum(ys)
        known = spread_a and spread_b
        constant = "both" if not spread_a and not spread_b else "a" if not spread_a else "b"
        found.append({
            "period_type": "year", "period_start": date(year, 1, 1), "subject_type": subject_type,
            "metric_a": a, "metric_b": b, "is_closed": int(date(year, 12, 31) <= raw.as_of), "pair_count": count,
            # Eight decimals of the root, and six of those.
            "correlation": rounded(rounded(together / (spread_a * spread_b).sqrt(), 8), 6) if known else None,
            "correlation_reason": None if known else f"constant_{constant}" if count > 1 else "too_few_pairs",
        })
    return found


def reviewed_scores(marts: dict[str, list[dict]]) -> list[dict]:
    """Return the scores of a closed year, and of a running one of what ended with its last closed month."""
    until: dict[int, date] = {}
    for row in marts["scores"]:
        year = row["period_start"].year
        if row["is_closed"] and row["period_type"] in ("month", "year"):
            end = date.max if row["period_type"] == "year" else row["period_end"]
            until[year] = max(end, until.get(year, end))
    return [
        row for row in marts["scores"]
        if row["is_closed"] and row["period_end"] <= until.get(row["period_start"].year, date.min)
    ]


def described(metric: str, pairs: list[tuple[Decimal | None, dict]]) -> dict:
    """Return spread, ends and correlation with the composite of a metric's values, each beside its score."""
    values = [value for value, _ in pairs if value is not None]
    both = [(value, unit["composite_score"]) for value, unit in pairs
            if value is not None and unit["composite_score"] is not None]
    row = dict.fromkeys((
        "value_mean", "value_deviation", "value_min", "value_max", "ceiling_share", "floor_share", "score_correlation",
        "correlation_reason",
    )) | {"value_count": len(values), "pair_count": len(both)}
    if values:
        mean = sum(values) / len(values)
        variance = sum(value * value for value in values) / len(values) - mean * mean
        row |= {
            "value_mean": rounded(mean, 10), "value_deviation": rounded(variance.sqrt(), 8) if variance > 0 else 0,
            "value_min": min(values), "value_max": max(values),
        }
        for name, end in zip(("ceiling_share", "floor_share"), ENDS.get(metric, (1, 0)), strict=True):
            row[name] = None if end is None else rounded(Decimal(values.count(end)) / len(values), 6)
    xs, ys = [value for value, _ in both], [score for _, score in both]
    spread_x, spread_y = (len(both) * sum(v * v for v in side) - sum(side) ** 2 for side in (xs, ys))
    if spread_x and spread_y:
        together = len(both) * sum(x * y for x, y in both) - sum(xs) * sum(ys)
        row["score_correlation"] = rounded(rounded(together / (spread_x * spread_y).sqrt(), 8), 6)
    else:
        constant = "constant_score" if spread_x else "constant_value"
        row["correlation_reason"] = constant if len(both) > 1 else "too_few_pairs"
    return row
