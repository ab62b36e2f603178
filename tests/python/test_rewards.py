"""Rewards and actions of published periods, computed by hand: appeals, audits, revisions and working days.

Five clerks with ten cases on 10 December 2025, all completed, two ratings of 4 and no complaint. December:
efficiency 120 + 2 × (10 − minutes), satisfaction 150. The year: satisfaction 100 + 50 ÷ 12, times 0.6 is 62.5.
"""

from datetime import date
from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project
from oracle import Oracle
from raw_tables import cases, complaint, ratings
from test_improvement import TIER, TRIGGER
from test_oracle import assert_agrees

pytestmark = pytest.mark.once

AS_OF = "2026-02-02"  # December is published, January (closed, three days of lag) is not
LATER = "2026-02-04"  # January is published, too
DAY = "2025-12-10"
CLERKS = {  # hall, minutes
    "A": ("PLAIN", 8), "B": ("PLAIN", 9), "C": ("PLAIN", 10), "D": ("EXACT", 10), "E": ("SHORT", 10),
}


def audits(clerk: str, matching: int, day: str) -> list[dict]:
    """Return five audits of 10 minutes: `matching` of them agree, the others are 2 minutes longer."""
    return [
        {"audit_id": f"{clerk}-{n}", "log_id": f"{clerk}-{n}", "audited_at": f"{day} 10:00:00", "auditor": "甲",
         "audited_process_time": 10 if n < matching else 12}
        for n in range(5)
    ]


def appeal(clerk: str, **columns) -> dict:
    return {
        "appeal_id": f"P-{clerk}", "hall_id": "PLAIN", "subject_type": "clerk", "subject_id": clerk,
        "period_type": "month", "period_start": "2025-12-01", "rule_id": "E1", "submitted_by": clerk,
        "submitted_at": "2026-02-01 09:00:00", "decided_by": "复核组", "decided_at": "2026-02-03 10:00:00",
    } | columns


@pytest.fixture(scope="module")
def first(project: Project) -> Project:
    """Published from December 2025 on; the calendar knows 2026."""
    raw_tables.create(project, "service_log", "feedback", "complaints", "appeals", "audit_samples")
    for clerk, (hall, minutes) in CLERKS.items():
        named = [case | {"log_id": f"{clerk}-{n}"}
                 for n, case in enumerate(cases(10, DAY, hall, minutes, clerk_id=clerk))]
        raw_tables.insert(project, "service_log", named)
        raw_tables.insert(project, "feedback", ratings([4, 4], DAY, hall, clerk_id=clerk))
    for day, hall in (("2025-11-12", "OLD"), ("2026-01-14", "PLAIN")):
        raw_tables.insert(project, "service_log", cases(10, day, hall, completed=5))
    raw_tables.insert(project, "appeals", [
        appeal("A", decision="rejected"), appeal("C", decision="upheld", points_adjustment=5),
    ])
    raw_tables.insert(project, "audit_samples", audits("D", 4, "2025-12-12") + audits("E", 3, "2026-02-03"))
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = "2025-12-01"
    project.write_seed("metric_parameters", parameters)
    month = TIER | {"period_type": "month"}
    project.write_seed("reward_tiers", pd.DataFrame([
        month | {"tier_id": "MONTH", "min_score": "138", "complaints": "none_upheld", "min_audit_match": "0.8"},
        month | {"tier_id": "TOP", "reward": "training", "min_score": "100", "max_rank_share": "0.2"},
        TIER | {"tier_id": "YEAR", "reward": "promotion", "period_type": "year", "min_score": "111",
                "min_audit_match": "0.8"},
        project.read_seed("reward_tiers").set_index("tier_id", drop=False).loc["PY1"],
    ]))
    scored = TRIGGER | {"subject_type": "clerk", "metric": "composite_score", "upper_bound": "140"}
    project.write_seed("improvement_triggers", pd.DataFrame([
        scored | {"trigger_id": "SCORE"},
        scored | {"trigger_id": "LATE", "deadline_working_days": "15"},
        scored | {"trigger_id": "LONG", "deadline_working_days": "300"},
        TRIGGER | {"trigger_id": "DONE"},
    ]))
    project.first_build = project.build(AS_OF)
    return project


def rewards(project: Project) -> pd.DataFrame:
    return project.query("select * from {schema}.reward_candidates order by tier_id, subject_id")


def actions(project: Project, trigger: str, month: str) -> list[tuple]:
    rows = project.query(f"""
        select subject_id, state, revision, due_on from {{schema}}.improvement_actions
        where trigger_id = '{trigger}' and period_start = '{month}-01' order by subject_id
    """)
    return [(r.subject_id, r.state, r.revision, r.due_on and str(r.due_on)) for r in rows.itertuples()]


def doubts(project: Project) -> list[list]:
    return project.query("""
        select subject_id, revision, is_provisional, is_appealed, is_audited_below from {schema}.published_scores
        where subject_type = 'clerk' and period_type = 'month' and period_start = '2025-12-01' and is_latest
        order by 1
    """).values.tolist()


# tier and clerk: (score, rank of five, why missed) at first, and after decided appeals and known audits
REWARDS = {
    ("MONTH", "A"): (("139.60", 1, "open_appeal"), ("139.60", 2, None)),
    ("MONTH", "B"): (("138.80", 2, None), ("138.80", 3, None)),
    # Five points more: 125; 50 + 90.
    ("MONTH", "C"): (("138.00", 3, "open_appeal"), ("140.00", 1, None)),
    # 4 of 5 audits are exactly 0.8. In February a complaint of December is found justified.
    ("MONTH", "D"): (("138.00", 3, None), ("138.00", 4, "upheld_complaint")),
    # 3 of 5, not known before 3 February.
    ("MONTH", "E"): (("138.00", 3, None), ("138.00", 4, "audit_mismatch")),
    # A fifth of five is one.
    ("TOP", "A"): (("139.60", 1, "open_appeal"), ("139.60", 2, "rank_too_low")),
    ("TOP", "C"): (("138.00", 3, "rank_too_low, open_appeal"), ("140.00", 1, None)),
    ("TOP", "E"): (("138.00", 3, "rank_too_low"), ("138.00", 4, "rank_too_low")),
    # The year 2025 began before publication: live. 49.6 + 62.5; December is part of it.
    ("YEAR", "A"): (("112.10", 1, "open_appeal"), ("112.10", 2, None)),
    # Ten late cases of 6 minutes: 7.5 on average, 125; 50 + 62.5.
    ("YEAR", "B"): (("111.30", 2, None), ("112.50", 1, None)),
    ("YEAR", "C"): (("110.50", 3, "score_too_low, open_appeal"), ("110.50", 3, "score_too_low")),
    ("YEAR", "E"): (("110.50", 3, "score_too_low"), ("110.50", 3, "score_too_low, audit_mismatch")),
}


def shown(rows: pd.DataFrame) -> dict:
    return {
        (row.tier_id, row.subject_id): (str(row.ranked_score), row.rank_in_group, row.missed_reason)
        for row in rows.itertuples() if (row.tier_id, row.subject_id) in REWARDS
    }


def test_an_open_appeal_bars_a_reward_of_its_period_and_of_the_year(first):
    rows = rewards(first)
    assert shown(rows) == {key: before for key, (before, _) in REWARDS.items()}
    rows = rows.set_index(["tier_id", "subject_id"])
    assert rows.has_open_appeal["MONTH"].tolist() == [1, 0, 1, 0, 0]
    assert rows.is_candidate["MONTH"].tolist() == [0, 1, 0, 1, 1]
    # December is published; the year is live, and may still change.
    assert [set(rows[name]["MONTH"]) for name in ("revision", "is_provisional")] == [{1}, {0}]
    assert [set(rows[name]["YEAR"]) for name in ("revision", "is_provisional")] == [{None}, {1}]


@pytest.mark.parametrize("mart", ["reward_candidates", "improvement_actions"])
def test_the_oracle_agrees_about_a_closed_year_too(first, mart):
    tables = {name: first.query(f"select * from {{raw}}.{name}")
              for name in ("service_log", "feedback", "complaints", "appeals", "audit_samples")}
    tables |= dict.fromkeys(("halls", "windows", "clerks"), pd.DataFrame())
    expected = Oracle(tables, first.folder / "seeds" / "rules", date.fromisoformat(AS_OF)).recompute()
    found = assert_agrees(first, expected, mart)
    if mart == "reward_candidates":
        years = found[(found.period_type == "year") & (found.period_start == date(2025, 1, 1))]
        assert years.groupby("tier_id").is_candidate.sum().to_dict() == {"PY1": 0, "YEAR": 1}


def test_who_was_not_audited_passes_and_the_row_says_so(first):
    rows = rewards(first).set_index(["tier_id", "subject_id"]).loc["MONTH"]
    assert rows.audited_count.tolist() == [0, 0, 0, 5, 0]
    assert rows.audit_match_rate.tolist() == [None, None, None, Decimal("0.8"), None]
    assert set(rows.min_audit_match) == {Decimal("0.8")}


def test_actions_are_due_on_a_working_day(first):
    # Published with the data of Monday 2 February. Ten working days: 3–6, 9–13 and Saturday the 14th, which is
    # worked. Fifteen: five more after the Spring Festival (15–23), 24–27 and Saturday the 28th, worked, too.
    assert actions(first, "SCORE", "2025-12") == [(clerk, "new", 1, "2026-02-14") for clerk in CLERKS]
    assert actions(first, "LATE", "2025-12") == [(clerk, "new", 1, "2026-02-28") for clerk in CLERKS]
    # Without business in January they continue, with the same due date.
    assert actions(first, "SCORE", "2026-01") == [(clerk, "continuing", None, "2026-02-14") for clerk in CLERKS]
    # Not published: from Saturday 31 January, 2–6 and 9–13 February.
    assert ("PLAIN", "new", None, "2026-02-13") in actions(first, "DONE", "2026-01")


def test_a_year_without_calendar_gives_no_due_date(first):
    # 300 working days end in 2027; November 2025, never published, begins in a year without calendar.
    assert actions(first, "LONG", "2025-12") == [(clerk, "new", 1, None) for clerk in CLERKS]
    assert actions(first, "DONE", "2025-11") == [("OLD", "new", None, None)]
    # Five clerks and the hall, still open in January.
    assert "work_calendar.csv: 6 open improvement actions have no due date; it has the closing days of 2026 only" in (
        first.first_build.stdout
    )


def test_who_reads_a_published_score_sees_that_it_is_appealed(first):
    assert doubts(first) == [[clerk, 1, 0, int(clerk in "AC"), 0] for clerk in CLERKS]


@pytest.fixture(scope="module")
def second(first: Project) -> Project:
    """The appeals are decided, E's hall was audited, and late rows of December come in."""
    raw_tables.insert(first, "service_log", cases(10, DAY, "PLAIN", 6, clerk_id="B"))
    raw_tables.insert(first, "complaints", [
        complaint("EXACT", f"{DAY} 09:00:00", "2025-12-13 09:00:00", clerk_id="D", is_upheld=1)
    ])
    first.build(LATER, reconcile=True)
    return first


def test_a_decided_appeal_clears_and_its_revision_moves_the_rewards(second):
    rows = rewards(second)
    assert shown(rows) == {key: after for key, (_, after) in REWARDS.items()}
    rows = rows.set_index(["tier_id", "subject_id"])
    assert set(rows.revision["MONTH"]) == {2}
    assert rows.is_provisional["MONTH"].tolist() == [0, 0, 0, 0, 1]
    assert not rows.has_open_appeal.any()
    # The publication had no complaint.
    assert rows.loc[("MONTH", "D"), ["complaint_count", "upheld_count"]].tolist() == [0, 1]


def test_an_action_follows_the_published_score(second):
    live = second.query("""
        select composite_score from {schema}.scores
        where subject_type = 'clerk' and subject_id = 'B' and period_type = 'month' and period_start = '2025-12-01'
    """)
    assert live.values.tolist() == [[Decimal("140")]]  # 7.5 minutes, 125; 50 + 90: not below 140
    # B was published with 138.8; C has 140 by its appeal.
    assert actions(second, "SCORE", "2025-12") == [(clerk, "new", 2, "2026-02-14") for clerk in "ABDE"]
    # January is published now, with the data of Wednesday 4 February: 5, 6, 9–14, 24 and 25 February.
    assert ("PLAIN", "new", None, "2026-02-25") in actions(second, "DONE", "2026-01")


def test_who_reads_a_published_score_sees_that_a_late_audit_doubts_it(second):
    assert doubts(second) == [[clerk, 2, 0, 0, int(clerk == "E")] for clerk in CLERKS]
