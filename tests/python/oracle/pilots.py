"""The halls that try something: their shadow time, and what the pilot changed."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from oracle.measures import LOWER_IS_BETTER, METRICS
from oracle.raw import Raw
from oracle.values import day_of, number_of, rounded, text

CLAIMED = {
    "efficiency": ("avg_wait_minutes", "avg_process_minutes", "case_mix_process_minutes"),
    "satisfaction": ("avg_rating", "satisfied_rate"),
}


def in_shadow(raw: Raw, hall: str, first: date) -> bool:
    """Return whether a hall's periods that begin on a day are not ranked."""
    return any(
        row["hall_id"] == hall and row["shadow_until"]
        and date.fromisoformat(row["go_live"]) <= first <= date.fromisoformat(row["shadow_until"])
        for row in raw.rules.rows["pilots"]
    )


def pilot_effects(raw: Raw, metrics: list[dict], halls: dict[str, str]) -> list[dict]:
    """Return what each pilot changed; halls has the peer group of each hall."""
    weeks: dict = {hall: defaultdict(dict) for hall in halls}
    for row in metrics:
        if row["period_type"] == "week" and row["subject_type"] == "hall" and row["is_closed"]:
            weeks[row["hall_id"]][row["period_start"]][row["metric"]] = row
    found = []
    for pilot in raw.rules.rows["pilots"]:
        hall, planned = pilot["hall_id"], planned_weeks(pilot)
        # A pilot that ran in the week between the two sides spoils the comparison as well.
        first, last = planned["before"][0], planned["after"][-1] + timedelta(days=6)
        busy = {
            other["hall_id"] for other in raw.rules.rows["pilots"]
            if day_of(other["go_live"], None) <= last and first <= max(
                planned_weeks(other)["after"][-1] + timedelta(days=6), day_of(other["shadow_until"], date.min)
            )
        }
        lived = {side: [week for week in planned[side] if week in weeks.get(hall, {})] for side in planned}
        for metric in (name for name in METRICS if raw.catalogue[name]["is_divided"] == "1"):
            sums = {
                name: {side: add_up([weeks[name][week].get(metric) for week in lived[side] if week in weeks[name]])
                       for side in lived}
                for name in halls
            }
            others = [name for name in halls if name not in {hall, *busy}
                      and all(side["value"] is not None for side in sums[name].values())]
            peers = [name for name in others if halls[name] == halls[hall]]
            together = {side: add_up([sums[name][side] for name in peers or others]) for side in lived}
            own = sums.get(hall) or {side: add_up([]) for side in lived}
            found.append(effect(raw, pilot, metric, lived, own, together) | {
                "comparison_hall_count": len(peers or others),
                "comparison_scope": "peer_group" if peers else "all" if others else None,
                "status": pilot_status(raw, pilot, hall in halls, planned, lived, own),
            })
    for row in found:
        for name, share in (("is_claim_met", row["improvement_share"]),
                            ("is_net_claim_met", row["net_improvement_share"])):
            judged = row["status"] == "measured" and None not in (share, row["claimed_improvement"])
            row[name] = int(share >= row["claimed_improvement"]) if judged else None
    return found


def effect(raw: Raw, pilot: dict, metric: str, lived: dict, own: dict, together: dict) -> dict:
    """Return a pilot's hall and the others before and after, and what the policy claims of the metric."""
    better = -1 if metric in LOWER_IS_BETTER else 1
    dimension = next((name for name, metrics in CLAIMED.items() if metric in metrics), None)
    row = {
        **{name: text(pilot[name]) for name in ("pilot_id", "hall_id", "label_zh", "label_en")},
        **{name: day_of(pilot[name], None) for name in ("go_live", "shadow_until")},
        **{name: int(pilot[name] or 0) for name in ("before_weeks", "after_weeks", "min_sample")},
        "metric": metric, "dimension": dimension,
        "claimed_improvement": number_of(pilot[f"{dimension}_claim"]) if dimension else None,
    }
    for side, days in lived.items():
        row[f"{side}_week_count"] = len(days)
        row[f"{side}_first_day"] = days[0] if days else None
        row[f"{side}_last_day"] = days[-1] + timedelta(days=6) if days else None
    for prefix, sums in (("", own), ("comparison_", together)):
        for side in lived:
            row |= {f"{prefix}{side}_{name}": sums[side][name]
                    for name in ("numerator", "denominator", "value", "sample_size")}
        before, after = sums["before"]["value"], sums["after"]["value"]
        change = None if before is None or after is None else after - before
        share = rounded(change / before, 10) if change is not None and before else None
        row[f"{prefix}value_change"], row[f"{prefix}change_share"] = change, share
        row[f"{prefix}improvement_share"] = None if share is None else better * share
    for name, part in (("net_change", "value_change"), ("net_improvement_share", "improvement_share")):
        both = row[part], row[f"comparison_{part}"]
        row[name] = None if None in both else both[0] - both[1]
    value, claim = row["before_value"], row["claimed_improvement"]
    row["claimed_value"] = None if None in (value, claim) else rounded(value + better * claim * value, 10)
    return row


def pilot_status(raw: Raw, pilot: dict, is_known: bool, planned: dict, lived: dict, own: dict) -> str:
    if not is_known:
        return "unknown_hall"
    if raw.as_of < day_of(pilot["go_live"], None):
        return "before_go_live"
    if lived != planned:
        return "too_few_weeks"
    if None in (own["before"]["value"], own["after"]["value"]):
        return "no_data"
    least = min(own["before"]["sample_size"], own["after"]["sample_size"])
    return "insufficient_sample" if least < int(pilot["min_sample"] or 0) else "measured"


def planned_weeks(pilot: dict) -> dict[str, list[date]]:
    """Return the Mondays of the weeks before and after go-live; a week with days of both is neither."""
    live, week = date.fromisoformat(pilot["go_live"]), timedelta(weeks=1)
    monday = live - timedelta(days=live.weekday())
    after = monday if live == monday else monday + week
    return {
        "before": [monday - n * week for n in range(int(pilot["before_weeks"]), 0, -1)],
        "after": [after + n * week for n in range(int(pilot["after_weeks"]))],
    }


def add_up(rows: list[dict | None]) -> dict:
    """Return the quotient of summed numerators and denominators, of rows that have a value."""
    rows = [row for row in rows if row and row["value"] is not None]
    if not rows:
        return {"numerator": None, "denominator": None, "value": None, "sample_size": 0}
    total = {name: sum(row[name] for row in rows) for name in ("numerator", "denominator", "sample_size")}
    return total | {"value": rounded(total["numerator"] / total["denominator"], 10)}
