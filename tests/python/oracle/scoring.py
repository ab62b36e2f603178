"""Judge metrics by the rules: components, dimensions and composite."""

from __future__ import annotations

from decimal import Decimal

from oracle.audits import audited_below
from oracle.measures import LOWER_IS_BETTER
from oracle.pilots import in_shadow
from oracle.raw import Raw
from oracle.values import number_of, rounded


def judge_rule(rule: dict, result: dict | None, is_count: bool) -> dict:
    """Return the component of one rule: whether it applies, its points, and what the next step would bring."""
    lower, upper = number_of(rule["lower_bound"]), number_of(rule["upper_bound"])
    kind, metric = rule["rule_type"], rule["metric"]
    points, distance, gain, value = Decimal(0), None, None, None
    if kind == "base":
        status, points = "applied", Decimal(rule["points"])
    else:
        value = result["value"]
        if value is None and result["status"] == "no_data" and rule["when_missing"] == "zero":
            value = Decimal(0)
        if result["status"] == "not_attributable":
            status = "not_attributable"
        elif value is None:
            status = "no_data"
        elif result["value"] is not None and result["sample_size"] < int(rule["min_sample"] or 0):
            status = "insufficient_sample"
        elif (lower is not None and value < lower) or (upper is not None and value >= upper):
            status = "not_met"
        else:
            status = "applied"
        step = 1 if is_count else 0
        if kind == "band":
            offered = Decimal(rule["points"])
            points = offered if status == "applied" else points
            if status == "not_met" and offered > 0:
                distance = (lower if lower is not None and value < lower else upper - step) - value
                gain = offered
            elif status == "applied" and offered < 0:
                upward = lower is None or (upper is not None and metric not in LOWER_IS_BETTER)
                distance = (upper if upward else lower - step) - value
                gain = -offered
        elif status == "applied":
            points = Decimal(rule["points_per_unit"]) * abs(value - Decimal(rule["benchmark"]))
            if rule["min_points"]:
                points = max(points, Decimal(rule["min_points"]))
            if rule["max_points"]:
                points = min(points, Decimal(rule["max_points"]))
            if points < 0:
                distance, gain = Decimal(rule["benchmark"]) - value, -points
    result = result or {"value": None, "numerator": None, "denominator": None, "sample_size": None}
    return {
        "rule_set": rule["rule_set"], "rule_id": rule["rule_id"], "dimension": rule["dimension"],
        "metric": metric or None, "rule_type": kind, "when_missing": rule["when_missing"] or "skip", "status": status,
        **{key: result[key] for key in ("value", "numerator", "denominator", "sample_size")},
        "points": rounded(points, 6), "next_band_points": None if gain is None else rounded(gain, 6),
        "distance_to_next_band": distance,
    }


def clamped(value: Decimal, limits: dict) -> Decimal:
    """Return a dimension's score within the limits of its row, where it has any."""
    if limits["min_score"]:
        value = max(value, Decimal(limits["min_score"]))
    return min(value, Decimal(limits["max_score"])) if limits["max_score"] else value


def score_subject(raw: Raw, keys, last, is_closed, tally, results, peer_group, marts) -> None:
    """Judge one subject and period by the rules in force on its first day."""
    first, hall = keys["period_start"], keys["hall_id"]
    assigned = raw.rules.on("rule_set_assignments", first, hall_id=hall)
    assigned = assigned or raw.rules.on("rule_set_assignments", first, hall_id="")
    rule_set = assigned[0]["rule_set"] if assigned else None
    components = []
    for rule in raw.rules.on("scoring_rules", first, rule_set=rule_set):
        if rule["subject_type"] in ("", keys["subject_type"]) and rule["period_type"] in ("", keys["period_type"]):
            is_count = bool(rule["metric"]) and raw.catalogue[rule["metric"]]["is_count"] == "1"
            components.append(judge_rule(rule, results.get(rule["metric"]), is_count))
    marts["score_components"] += [keys | component for component in components]
    weights = raw.rules.on("dimension_weights", first, rule_set=rule_set)
    scores, small = {}, {}
    for row in weights:
        own = [c for c in components if c["dimension"] == row["dimension"]]
        others = [c for c in own if c["rule_type"] != "base"]
        missing = ("no_data", "insufficient_sample", "not_attributable")
        total = sum((c["points"] for c in own), Decimal(0))
        has_score = any(c["status"] in ("applied", "not_met") for c in others) and not any(
            c["when_missing"] == "require" and c["status"] in missing for c in own
        )
        scores[row["dimension"]] = clamped(total, row) if has_score else None
        small[row["dimension"]] = any(c["status"] == "insufficient_sample" for c in others)
        marts["dimension_scores"].append(keys | {
            "dimension": row["dimension"], "rule_set": rule_set, "weight": Decimal(row["weight"]),
            "score": scores[row["dimension"]], "unclamped_score": total,
        })
    weighted = [(Decimal(row["weight"]), row["dimension"]) for row in weights if Decimal(row["weight"]) > 0]
    complete = all(scores[dimension] is not None for _, dimension in weighted)
    if not components:
        status = "no_rules"
    elif tally.cases + tally.ratings + tally.complaints == 0:
        status = "no_business"
    elif complete:
        status = "shadow" if in_shadow(raw, hall, first) else "scored"
    elif any(scores[d] is None and small[d] for _, d in weighted):
        status = "insufficient_sample"
    else:
        status = "incomplete"
    composite = sum((w * scores[d] for w, d in weighted), Decimal(0)) if status in ("scored", "shadow") else None
    marts["scores"].append(keys | {
        "period_end": last, "is_closed": int(is_closed), "rule_set": rule_set, "peer_group": peer_group,
        "composite_score": None if composite is None else rounded(composite, 6),
        **{f"{d}_score": scores.get(d) for d in ("efficiency", "satisfaction", "digital")},
        "case_count": tally.cases, "rating_count": tally.ratings, "complaint_count": tally.complaints,
        "status": status, "is_provisional": int(not is_closed or audited_below(raw, hall, first, last)),
    })
