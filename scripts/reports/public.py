"""Take from a report what the public must not see: names of clerks, small groups, and numbers of what citizens said.

Of ratings and complaints only the band that a value reached is shown, by its points: no count, mean or share, and
nothing that they follow from. What adds up can be subtracted from a longer period, a larger subject or a later
export; a band cannot, so no page needs to know which others there are. Reason and limits: docs/decisions.md, 101.
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
# What a subject with few ratings has instead of these: they would tell none from few, and few from enough.
TELLING = ("scored", "shadow", "incomplete", "insufficient_sample")


def read_exact_sets(marts: Marts, here: dict, shown_periods: str) -> set[tuple]:
    """Return (first day, rule set) of the periods in which points tell a value of ratings or complaints itself."""
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
    """Return whether the points of a metric's rules tell its value: a slope does, and bands that leave one count.

    No complaint at all may be known.
    """
    edges = sorted({
        ceil(row[bound]) for row in rules for bound in ("lower_bound", "upper_bound")
        if row["is_count"] and row[bound] is not None and row[bound] > 0
    })
    return any(row["rule_type"] == "slope" for row in rules) or any(
        upper - lower == 1 for lower, upper in pairwise(edges))


def make_public(report: Report, clerks: str, exact: set[tuple]) -> None:
    """Reduce a report to what the public may see. clerks is none or number; exact comes of read_exact_sets."""

    def key(row: dict) -> tuple:
        return tuple(row[name] for name in KEY)

    start = report.period.start
    rows = [row for row in report.scores if clerks != "none" or row["subject_type"] != "clerk"]
    # Subjects that are shown; those with points; those whose period before may be seen beside them.
    shown, pointed, followed = set(), set(), set()
    for row in rows:
        row.update(rating_count=None, complaint_count=None)
        if row["subject_type"] != "hall":
            # A hall's cases and minutes less those of its shown windows would be those of a hidden one.
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
    # Where a hidden row stands tells between which scores its own lies: those without a rank come last, by id.
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
    # The ends of a spread may be those of a subject that is not shown.
    report.spreads = []
    if report.period.publication:
        # How many scores have changed since counts those that are not shown, too.
        report.period = replace(report.period, publication=replace(report.period.publication, drift_count=0))
