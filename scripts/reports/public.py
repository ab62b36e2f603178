"""Remove from a report what the public must not see: names of clerks, small groups, numbers of ratings and complaints.

Ratings and complaints show only the band that a value reached, by its points. Counts, means, shares and what they
follow from are hidden: sums could be subtracted from those of a longer period, a larger subject or a later export.
Bands cannot, so each page is safe by itself. Reason and limits: docs/decisions.md, 101.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from reports.marts import IN_ORDER, KEY, SCORES, Marts
from reports.sections import public_sections

if TYPE_CHECKING:
    from reports.read_marts import Report

HIDDEN_WHEN_FEW = (
    *SCORES, "score_change", "case_count", "rank_in_group", "rank_in_hall", "ranked_in_hall", "percentile",
    "rank_change", "is_appealed",
)
SAMPLES = ("numerator", "denominator", "sample_size")
# Statuses that would show whether a subject has no, few or enough ratings. They become few_ratings.
TELLING = ("scored", "shadow", "incomplete", "insufficient_sample")


def read_exact_sets(marts: Marts, here: dict, shown_periods: str) -> set[tuple]:
    """Return (first day, rule set) of periods in which points reveal a value of ratings or complaints."""
    rules = defaultdict(list)
    for row in marts.read(
        f"""
        select periods.period_start, this.rule_set, this.metric, this.rule_type, this.lower_bound, this.upper_bound,
            metrics.is_count
        from rule_book as this
        inner join dim_metrics as metrics on this.metric = metrics.metric and metrics.is_private
        inner join dim_periods as periods
            on periods.period_type = %(period_type)s
            and coalesce(this.period_type, periods.period_type) = periods.period_type
            and periods.period_start between this.valid_from and this.valid_to
        inner join {shown_periods} as shown on periods.period_start = shown.period_start
        """,
        **here,
    ):
        rules[row["period_start"], row["rule_set"], row["metric"]].append(row)
    return {key[:2] for key, found in rules.items() if tells_the_value(found)}


def tells_the_value(rules: list[dict]) -> bool:
    """Return whether the points of a metric's rules reveal its value: a slope, or a band with a single count.

    A count of zero may be known.
    """
    edges = sorted({
        ceil(row[bound]) for row in rules for bound in ("lower_bound", "upper_bound")
        if row["is_count"] and row[bound] is not None and row[bound] > 0
    })
    return any(row["rule_type"] == "slope" for row in rules) or any(
        upper - lower == 1 for lower, upper in pairwise(edges))


def make_public(report: Report, clerks: str, exact: set[tuple]) -> None:
    """Reduce a report to what the public may see. clerks is none or number; exact is from read_exact_sets."""

    def key(row: dict) -> tuple:
        return tuple(row[name] for name in KEY)

    start = report.period.start
    rows = [row for row in report.scores if clerks != "none" or row["subject_type"] != "clerk"]
    # Subjects that are shown; those with points; those whose previous period may be shown too.
    shown, pointed, followed = set(), set(), set()
    for row in rows:
        row.update(rating_count=None, complaint_count=None)
        if row["subject_type"] != "hall":
            # Otherwise a hall's cases less those of its shown windows give those of a hidden window.
            row["case_count"] = None
        if row["is_public"]:
            shown.add(key(row))
            row["status"] = "incomplete" if row["status"] == "insufficient_sample" else row["status"]
            if (start, row["rule_set"]) in exact:
                row.update(dict.fromkeys((*SCORES, "score_change")))
                report.ranks_only = True
            else:
                pointed.add(key(row))
        else:
            status = "few_ratings" if row["status"] in TELLING else row["status"]
            row.update(dict.fromkeys(HIDDEN_WHEN_FEW), status=status)
        if not row["was_public"]:
            row.update(rank_change=None, score_change=None)
        elif (row["previous_start"], row["rule_set"]) in exact:
            row["score_change"] = None
        else:
            followed.add(key(row))
    # The position of a hidden row would reveal its score, so rows without a rank come last, by id.
    report.scores = sorted(rows, key=lambda row: (
        IN_ORDER.index(row["subject_type"]), row["rule_set"] or "", row["peer_group"] or "",
        row["rank_in_group"] is None, row["rank_in_group"] or 0, row["hall_id"], row["subject_id"],
    ))
    report.components = [row for row in report.components if key(row) in pointed]
    report.dimensions = [row for row in report.dimensions if key(row) in pointed]
    report.metrics = [row for row in report.metrics if key(row) in shown and not row["is_private"]]
    report.unattributable = [row for row in report.unattributable if not row["is_private"]]
    for row in (*report.components, *report.metrics):
        row.update(dict.fromkeys(SAMPLES))
    for row in report.components:
        if row["is_private"]:
            row.update(value=None, distance_to_next_band=None, next_band_points=None)
            if row["status"] not in ("applied", "exempt"):
                row["status"] = "not_counted"
    for row in (*report.scores, *report.components, *report.metrics):
        if row["subject_type"] == "clerk":
            row["subject_name"] = row["subject_id"]
    report.trend = [
        row for row in report.trend if row["is_public"] and (row["period_start"], row["rule_set"]) not in exact]
    halls, pointed_halls, followed_halls = (
        {row[0] for row in found if row[1] == "hall"} for found in (shown, pointed, followed))
    report.quality_by_hall = [row for row in report.quality_by_hall if row["hall_id"] in halls]
    report.sections = public_sections(report.sections, halls)
    for row in report.sections["rewards"] or []:
        row["complaint_count"] = None
        if row["hall_id"] not in pointed_halls:
            row["ranked_score"] = None
    report.contributions = [row for row in report.contributions if row["hall_id"] in pointed_halls]
    for row in report.contributions:
        if row["is_private"]:
            row.update(value=None, previous_value=None)
        if row["hall_id"] not in followed_halls:
            row.update(previous_value=None, previous_points=None, contribution_change=None)
    # The ends of a spread may belong to a hidden subject.
    report.spreads = []
    if report.period.publication:
        # The number of changed scores counts hidden ones too.
        report.period = replace(report.period, publication=replace(report.period.publication, drift_count=0))
