"""The value of each metric, or why it has none."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from oracle.counting import Tally
from oracle.raw import Raw
from oracle.values import MINUTE, rounded

CASE_METRICS = (
    "avg_process_minutes", "case_mix_process_minutes", "first_visit_completion_rate", "digital_usage_rate",
    "avg_wait_minutes",
)
METRICS = (
    *CASE_METRICS, "wait_within_target_rate", "p90_wait_minutes", "avg_rating", "satisfied_rate",
    "rating_coverage_rate", "complaint_count",
    "zero_complaint_months", "complaint_timely_rate", "negative_feedback_callback_rate",
    "merit_quantity",
)
LOWER_IS_BETTER = (
    "avg_process_minutes", "case_mix_process_minutes", "complaint_count", "avg_wait_minutes", "p90_wait_minutes",
)


@cache
def minutes_of(wait: timedelta) -> Decimal:
    return rounded(Decimal(wait // timedelta(microseconds=1)) / 60_000_000, 10)


def measure(raw: Raw, tally: Tally, zero_months: tuple[int, int] | None, reference: Decimal, first: date) -> dict:
    """Return {metric: (numerator, denominator, sample)}; a count has no denominator to divide by."""
    minutes = Decimal(tally.minutes) / MINUTE
    waits, waited = sorted(tally.waits), len(tally.waits)
    target = timedelta(minutes=int(raw.rules.parameter("wait_target_minutes", first)))
    in_minutes = map(minutes_of, waits)
    # The wait at place ceil(0.9 n), and the whole minutes that it did not exceed.
    ninth = -(-waits[-(-9 * waited // 10) - 1] // timedelta(minutes=1)) if waits else None
    return {
        "avg_wait_minutes": (sum(in_minutes, Decimal(0)), waited, waited),
        "wait_within_target_rate": (sum(wait <= target for wait in waits) if waits else None, waited, waited),
        "p90_wait_minutes": (ninth, waited, waited),
        "avg_process_minutes": (minutes, tally.cases, tally.cases),
        "case_mix_process_minutes": (
            Decimal(tally.standard_minutes) / MINUTE * reference, tally.expected, tally.standard_cases
        ),
        "first_visit_completion_rate": (tally.completed, tally.cases, tally.cases),
        "digital_usage_rate": (tally.digital, tally.channel_known, tally.channel_known),
        "avg_rating": (tally.stars, tally.ratings, tally.ratings),
        "satisfied_rate": (tally.satisfied, tally.ratings, tally.ratings),
        "rating_coverage_rate": (tally.ratings, tally.cases, tally.cases),
        "complaint_count": (tally.complaints, None, tally.cases),
        "zero_complaint_months": (*zero_months, zero_months[1]) if zero_months else (None, None, 0),
        "complaint_timely_rate": (tally.timely, tally.due, tally.due),
        "merit_quantity": (tally.merit if "merit_records" in raw.tables else None, None, tally.cases),
        "negative_feedback_callback_rate": (tally.called_back, tally.callbacks_due, tally.callbacks_due),
    }


def judge_metric(
    metric: str, numerator, denominator, sample: int, attributable: dict[str, bool], is_divided: bool
) -> dict:
    needs = {"avg_rating": ["ratings"], "satisfied_rate": ["ratings"], "rating_coverage_rate": ["cases", "ratings"],
             "negative_feedback_callback_rate": ["ratings", "complaints"]}
    needs["merit_quantity"] = []
    tables = ["complaints"] if "complaint" in metric else needs.get(metric, ["cases"])
    if not all(attributable[table] for table in tables):
        status = "not_attributable"
    elif numerator is None or (metric not in ("complaint_count", "merit_quantity") and not denominator):
        status = "no_data"
    else:
        status = "measured"
    value = None
    if status == "measured":
        value = rounded(Decimal(numerator) / Decimal(denominator), 10) if is_divided else Decimal(numerator)
    return {
        "numerator": None if numerator is None else Decimal(numerator),
        "denominator": None if denominator is None else Decimal(denominator),
        "value": value, "sample_size": sample, "status": status,
    }
