"""All marts that are recomputed, from the first stage to the last."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd

from oracle.actions import improvement_actions
from oracle.counting import Tally, count, rows_by_day
from oracle.measures import CASE_METRICS, METRICS, judge_metric, measure
from oracle.pain_points import pain_points
from oracle.pilots import pilot_effects
from oracle.publication import standing_scores
from oracle.rankings import rankings
from oracle.raw import Raw
from oracle.review import indicator_review, metric_correlations, metric_review
from oracle.rewards import reward_candidates
from oracle.scoring import score_subject
from oracle.subjects import calendar_periods, lifetimes
from oracle.values import ident, months_later


class Oracle:
    """Recomputes the scores as of the end of a day that is over."""

    def __init__(self, tables: dict[str, pd.DataFrame], rules_folder: Path, as_of: date):
        self.raw = Raw(tables, rules_folder, as_of)

    def recompute(self) -> dict[str, pd.DataFrame]:
        """Return the marts that are recomputed, each with the columns that are."""
        raw = self.raw
        by_day, spans, periods = rows_by_day(raw), lifetimes(raw), calendar_periods(raw)
        groups = {ident(row["hall_id"]): ident(row["peer_group"]) for row in raw.tables["halls"]}
        names = ("metrics", "score_components", "dimension_scores", "scores")
        marts: dict[str, list[dict]] = {name: [] for name in names}
        month_results: dict = {}
        upheld: dict = {}
        for kind, first, last in sorted(periods, key=lambda p: p[0] != "month"):
            tallies, named = count(raw, first, last, by_day)
            is_closed = kind != "rolling_7d" and last <= raw.as_of
            share = raw.rules.parameter("attribution_minimum_share", first)
            reference = raw.rules.parameter("case_mix_reference_minutes", first)
            for subject, (exists_from, exists_until) in spans.items():
                if exists_from > last or exists_until < first:
                    continue
                hall, subject_type, subject_id = subject
                keys = {
                    "period_type": kind, "period_start": first, "hall_id": hall, "subject_type": subject_type,
                    "subject_id": subject_id,
                }
                place = {"window": 1, "department": 1, "clerk": 2}.get(subject_type)
                attributable = {
                    table: place is None or counts[place] >= counts[0] * share
                    for table in ("cases", "ratings", "complaints")
                    for counts in [named.get((table, hall), [0, 0, 0])]
                }
                tally = tallies.get(subject, Tally())
                zero_months = None
                if kind == "month":
                    counted = is_closed and tally.cases > 0 and attributable["complaints"]
                    month_results[subject, first] = (int(counted and tally.complaints == 0), int(counted))
                elif kind in ("quarter", "year"):
                    months = [
                        month_results.get((subject, months_later(first, n)), (0, 0))
                        for n in range(3 if kind == "quarter" else 12)
                    ]
                    zero_months = sum(m[0] for m in months), sum(m[1] for m in months)
                measured = measure(raw, tally, zero_months, reference, first)
                results = {}
                for metric in CASE_METRICS if subject_type == "item" else METRICS:
                    results[metric] = judge_metric(
                        metric, *measured[metric], attributable, raw.catalogue[metric]["is_divided"] == "1"
                    )
                    marts["metrics"].append(
                        keys | {"period_end": last, "is_closed": int(is_closed), "metric": metric} | results[metric]
                    )
                if subject_type != "item":
                    score_subject(raw, keys, last, is_closed, tally, results, groups.get(hall) or "all", marts)
                    upheld[tuple(keys.values())] = tally.upheld, attributable["complaints"]
        frames = {name: pd.DataFrame(rows) for name, rows in marts.items()}
        standing = standing_scores(raw, marts)
        columns = [*frames["scores"].columns.drop("is_closed"), "revision"]  # merit has no column of its own
        frames["standing_scores"] = pd.DataFrame(standing)[columns]
        frames["rankings"] = rankings(standing)
        frames["improvement_actions"] = pd.DataFrame(improvement_actions(raw, marts["metrics"], standing))
        frames["reward_candidates"] = pd.DataFrame(reward_candidates(raw, standing, frames["rankings"], upheld))
        frames["indicator_review"] = pd.DataFrame(indicator_review(raw, marts))
        frames["metric_review"] = pd.DataFrame(metric_review(raw, marts))
        frames["pain_points"] = pd.DataFrame(pain_points(raw, periods))
        halls = {hall: groups.get(hall) or "all" for hall, kind, _ in spans if kind == "hall"}
        frames["pilot_effects"] = pd.DataFrame(pilot_effects(raw, marts["metrics"], halls))
        frames["metric_correlations"] = pd.DataFrame(metric_correlations(raw, marts))
        return frames
