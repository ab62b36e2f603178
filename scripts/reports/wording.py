"""Numbers and rules in words: rounding for display, units, distances and reasons. Nothing is computed here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from types import SimpleNamespace

# Decimals shown of a value, by its unit.
DIGITS = {"minute": 2, "share": 2, "star": 2, "point": 2}
MISSING = "—"
# Thresholds that are shown beside a row's value.
THRESHOLDS = ("lower_bound", "upper_bound", "benchmark", "warn_from", "error_from", "min_audit_match",
              "wanted_coverage", "claimed_improvement")
# One value in improvement_actions: first day, value, sample.
EVIDENCE = re.compile(r"(\d{4}-\d\d-\d\d): ([−\d.]+) \((\d+)\)")


def number(value, digits: int = 2, beside: Iterable = ()) -> str:
    """Return a number with thousands separators, or a dash for None; beside are the thresholds shown beside it."""
    return MISSING if value is None else minus(f"{rounded(value, decimals(value, digits, beside)):,}")


def minus(text: str) -> str:
    """Return a number with a real minus sign."""
    return text.replace("-", "−")


def decimals(value, digits: int, beside: Iterable) -> int:
    """Return the decimals needed to keep a value apart from the thresholds beside it: 79.998 is not 80.00."""
    value, beside = Decimal(value), [threshold for threshold in beside if threshold is not None]
    while any(rounded(value, digits) == threshold != value for threshold in beside):
        digits += 1
    return digits


def thresholds(row: dict) -> list[Decimal]:
    """Return the thresholds that a row's values are compared with."""
    return [row[name] for name in THRESHOLDS if row.get(name) is not None]


def plain_number(value, digits: int = 10) -> str:
    """Return a number without trailing zeros, as a threshold was set."""
    if value is None:
        return MISSING
    text = minus(f"{rounded(value, digits):f}")
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value, digits: int = 2) -> str:
    """Return a number with its sign, zero as ±0, or a dash for None."""
    if value is None:
        return MISSING
    shown = rounded(value, digits)
    return minus(f"{shown:+,}") if shown else f"±{shown}"


def rounded(value, digits: int, rounding: str = ROUND_HALF_UP) -> Decimal:
    """Return the value rounded like the server's round(): half away from zero, without −0."""
    return Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=rounding) + 0


def percent(value, digits: int = 2, beside: Iterable = ()) -> str:
    """Return a share in per cent without the % sign, or a dash for None."""
    if value is None:
        return MISSING
    hundredfold = [Decimal(threshold).scaleb(2) for threshold in beside if threshold is not None]
    return number(Decimal(value).scaleb(2), digits, hundredfold)


def in_unit(value, unit: str | None, words: SimpleNamespace, digits: int | None = None, beside: Iterable = ()) -> str:
    """Return a metric's value with its unit, a share in per cent; beside are the thresholds shown beside it."""
    if value is None:
        return MISSING
    digits = DIGITS.get(unit, 0) if digits is None else digits
    if unit == "share":
        return f"{percent(value, digits, beside)}%"
    digits = decimals(value, digits, beside)
    return with_unit(number(value, digits), plain_number(value, digits), unit, words)


def signed_percent(value, digits: int = 2) -> str:
    """Return the change of a share in percentage points, with its sign."""
    return signed(None if value is None else Decimal(value).scaleb(2), digits)


def change_in_unit(value, unit: str | None, words: SimpleNamespace) -> str:
    """Return the change of a metric with sign and unit, of a share in percentage points."""
    if value is None:
        return MISSING
    if unit == "share":
        return f"{signed_percent(value)} {words.percentage_point}"
    digits = DIGITS.get(unit, 0)
    return with_unit(signed(value, digits), plain_number(abs(value), digits), unit, words)


def with_unit(shown: str, count: str, unit: str | None, words: SimpleNamespace) -> str:
    """Return a shown number with its unit, singular or plural by the count."""
    return f"{shown} {counted(words.units.get(unit, unit or ''), count)}".strip()


def counted(text: str, count) -> str:
    """Return the form of one|many for the count."""
    return text.split("|")[0 if str(count) == "1" else -1]


def unit_name(unit: str | None, words: SimpleNamespace) -> str:
    """Return the unit of a column."""
    return counted(words.units.get(unit, unit or ""), "many")


def spread(mean, deviation, unit: str | None, words: SimpleNamespace) -> str:
    """Return mean and standard deviation, such as 12.30 ± 2.24 分钟."""
    if mean is None:
        return MISSING
    shown = percent(mean) if unit == "share" else number(mean)
    return f"{shown} ± {in_unit(deviation, unit, words, 2)}"


def group_name(peer_group: str, words: SimpleNamespace) -> str:
    """Return a peer group's name; `all` is the group of halls without one."""
    return words.all if peer_group == "all" else peer_group


def bound(value, unit: str | None) -> str:
    """Return a threshold as it was set: 90%, 10."""
    return f"{plain_number(Decimal(value).scaleb(2))}%" if unit == "share" else plain_number(value)


def condition(rule: dict, words: SimpleNamespace) -> str:
    """Return when a rule gives points, such as ≥ 90%."""
    lower, upper, unit = rule["lower_bound"], rule["upper_bound"], rule["unit"]
    if rule["is_count"] and lower is not None and upper is not None and upper - lower == 1:
        return words.equals.format(bound(lower, unit))
    if lower is not None and upper is not None:
        return words.between.format(bound(lower, unit), bound(upper, unit))
    if lower is not None:
        return words.at_least.format(bound(lower, unit))
    return words.below.format(bound(upper, unit)) if upper is not None else ""


def rule_points(rule: dict, words: SimpleNamespace) -> str:
    """Return what a rule gives: points, or the rule book's sentence for points per unit."""
    if rule["rule_type"] == "slope":
        return rule["sentence"]
    if rule["rule_type"] == "base":
        return words.base_points.format(plain_number(rule["points"]))
    return f"{signed_plain(rule['points'])} {words.points}"


def signed_plain(value) -> str:
    """Return points as they were set, with their sign."""
    return ("+" if value >= 0 else "−") + plain_number(abs(value), 4)


def standards(metric: str, rules: Iterable[dict], words: SimpleNamespace) -> list[str]:
    """Return the thresholds of a metric with what each gives."""
    return [
        rule_points(rule, words) if rule["rule_type"] == "slope"
        else f"{condition(rule, words)}{words.colon}{rule_points(rule, words)}"
        for rule in rules if rule["metric"] == metric
    ]


def next_step(component: dict, words: SimpleNamespace, named: bool = True) -> str | None:
    """Return the nearest improvement of a component and its points, such as 再快 3 分钟 +6 分.

    named says whether to name the metric if the unit alone does not show it.
    """
    distance, unit = component["distance_to_next_band"], component["unit"]
    if distance is None:
        return None
    rise, fall = words.steps.get(component["metric"]) or words.steps.get(unit) or ("+{}", "−{}")
    length = abs(distance).scaleb(2) if unit == "share" else abs(distance)
    # Rounded up, so that the shown step is enough.
    digits = DIGITS.get(unit, 0)
    shown = plain_number(rounded(length, digits, ROUND_UP), digits)
    step = counted(rise if distance > 0 else fall, shown).format(
        shown, metric=component["metric_label"] if named else "").strip()
    # A slope's points follow from that distance and are rounded like it.
    rounding = ROUND_UP if component["rule_type"] == "slope" else ROUND_HALF_UP
    points = plain_number(rounded(component["next_band_points"], 2, rounding), 2)
    return counted(words.step_gain, points).format(step=step, points=points)


def short_period(start, period_type: str) -> str:
    """Return a period by its first day, such as 2026-09 or 2026 Q3."""
    day = str(start)
    quarter = f"{day[:4]} Q{(int(day[5:7]) + 2) // 3}"
    return {"month": day[:7], "quarter": quarter, "year": day[:4]}.get(period_type, day)


def evidence(action: dict, words: SimpleNamespace) -> list[str]:
    """Return the values that an action is based on, latest first."""
    return [
        words.evidence_value.format(
            period=short_period(start, action["period_type"]),
            value=in_unit(Decimal(value.replace("−", "-")), action["unit"], words, beside=thresholds(action)),
            sample=number(int(sample), 0))
        for start, value, sample in reversed(EVIDENCE.findall(action["evidence"] or ""))
    ]


def tier_conditions(tier: dict, words: SimpleNamespace) -> str:
    """Return the conditions of a reward tier."""
    asked = [words.tier_score.format(plain_number(tier["min_score"]))]
    if tier["max_rank_share"] is not None:
        asked.append(words.tier_rank.format(bound(tier["max_rank_share"], "share")))
    if tier["min_sample"]:
        asked.append(words.tier_sample.format(number(tier["min_sample"], 0)))
    asked.append(words.tier_complaints.get(tier["complaints"], tier["complaints"]))
    if tier["min_audit_match"] is not None:
        asked.append(words.tier_audit.format(bound(tier["min_audit_match"], "share")))
    return words.list_mark.join(filter(None, asked))


def claim(effect: dict, is_met: int | None, words: SimpleNamespace) -> str | None:
    """Return whether the claim about a metric was met, or that it is not known yet; None without a claim."""
    if effect["claimed_improvement"] is None:
        return None
    return words.claim_open if is_met is None else words.claim_met if is_met else words.claim_missed


def claim_sentence(effect: dict, words: SimpleNamespace) -> str | None:
    """Return what a policy claimed about a metric and what happened; None without a claim.

    The effect already has its verdicts in words.
    """
    if effect["claimed_improvement"] is None:
        return None
    claimed = {
        "dimension": effect["dimension_name"],
        "claimed": bound(effect["claimed_improvement"], "share"), "metric": effect["metric_label"],
        "verdict": effect["verdict"],
    }
    if effect["is_claim_met"] is None:
        # A measured effect without a verdict lacks a base value to take a share of.
        why = words.claim_from_zero if effect["status"] == "measured" else effect["status_name"]
        return words.claim_open_line.format(**claimed, why=why)
    before, after = effect["before_value"], effect["after_value"]
    moved = words.moved["same" if after == before else "up" if after > before else "down"].format(
        before=in_unit(before, effect["unit"], words), after=in_unit(after, effect["unit"], words))
    line = words.claim_line.format(**claimed, moved=moved, by=moved_by(effect["improvement_share"], effect, words))
    if effect["is_net_claim_met"] is None:
        return line
    return line + words.claim_net_line.format(
        by=moved_by(effect["net_improvement_share"], effect, words), verdict=effect["net_verdict"])


def moved_by(improvement, effect: dict, words: SimpleNamespace) -> str:
    """Return the share by which something became better or worse, beside the claim."""
    return words.moved_by["better" if improvement > 0 else "worse" if improvement < 0 else "same"].format(
        in_unit(abs(improvement), "share", words, 1, thresholds(effect)))


def movement(now, before, direction: str) -> str | None:
    """Return whether a metric became better, worse or stayed the same; None if either value is unknown."""
    if now is None or before is None:
        return None
    if now == before:
        return "same"
    return "better" if (now > before) == (direction == "higher_is_better") else "worse"


def publication_facts(period, words: SimpleNamespace) -> list[tuple[str, str]]:
    """Return whether a period is published, and the hashes that would reveal a later change."""
    publication = period.publication
    facts = [(words.publication, words.not_published)]
    if publication:
        facts = [
            (words.publication, words.published_as.format(revision=publication.revision, day=publication.day)),
            (words.publication_hash, publication.publication_hash),
        ]
    return [*facts, (words.head_hash, period.head_hash or words.none)]


def why_missing(score: dict, components: Iterable[dict], words: SimpleNamespace) -> str:
    """Return why a subject has no score or no rank; empty for a ranked one. components are the subject's."""
    if score["status"] == "scored":
        return ""
    reason = words.score_statuses[score["status"]]
    if score["status"] not in ("incomplete", "insufficient_sample"):
        return reason
    held_back = [
        f"{row['metric_label']}{'' if words.language == 'zh' else ' '}{words.component_statuses[row['status']]}"
        for row in components
        if row["when_missing"] == "require"
        and row["status"] in ("no_data", "insufficient_sample", "not_attributable")
    ]
    details = words.list_mark.join(dict.fromkeys(held_back))
    return f"{reason}{words.colon}{details}" if details else reason


def wrapped(text: str, width: int = 24) -> list[str]:
    """Return a chart label in lines of similar length, at most width columns; a Chinese character takes two."""
    count = -(-columns(text) // width)
    for narrower in range(-(-columns(text) // count) if count else width, width + 1):
        lines = [""]
        for token in re.findall(r"[!-~]+\s*|.", text):  # a word with its blank, or a Chinese character
            if lines[-1] and columns(lines[-1] + token.rstrip()) > narrower:
                lines.append("")
            lines[-1] += token
        if len(lines) <= count:
            break
    return [line.strip() for line in lines]


def columns(text: str) -> int:
    """Return the width of a text in columns; a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)

