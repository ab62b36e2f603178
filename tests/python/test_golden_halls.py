"""Small halls, one case each, whose scores were computed by hand from the policy.

All are built at once, by the standard rules unless stated otherwise. By default
a hall's cases take exactly 10 minutes and are all completed:
efficiency 100 + 0 + 20 = 120. Rated 4: no rating points; a month without complaint: +50.
"""

from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings

pytestmark = [pytest.mark.once, pytest.mark.quick]

AS_OF = "2026-03-31"
DAY = "2026-03-10"
LONG_AGO = "2022-12-01"


# Clerks with the same ratings, who differ in the outcome of their eight one-star cases.
SHARERS = {
    "SOUND": {},
    "TOO_LONG": {"process_time": 9999},
    "OPEN_TICKET": {"process_time": None, "start_time": f"{DAY} 09:00:00"},
    "NO_RESULT": {"is_completed": None},
}


def sharer_cases(clerk: str) -> list[dict]:
    rows = [case | {"log_id": f"{clerk}{n}"} for n, case in enumerate(cases(20, DAY, "SHARERS", 8, clerk_id=clerk))]
    return [row | SHARERS[clerk] if n < 8 else row for n, row in enumerate(rows)]


def add_million(project: Project) -> None:
    """One hall with 1,000,000 cases of 10 minutes, 899,999 of them completed."""
    digits = " union all ".join(f"select {digit} as d" for digit in range(10))
    project.execute(f"create table {project.raw_schema}.digits as {digits}")
    joins = " cross join ".join(f"{project.raw_schema}.digits as d{n}" for n in range(6))
    number = " + ".join(f"{10**n} * d{n}.d" for n in range(6))
    project.execute(f"""
        insert into {project.raw_schema}.service_log (service_date, hall_id, process_time, is_completed)
        select '{DAY}', 'DONE_899999', 10, case when {number} < 899999 then 1 else 0 end from {joins}
    """)


def set_dated_rules(project: Project) -> None:
    """Hall DATED: completion earns 35 instead of 20 from 18 March; coverage counts from 2 March."""
    rules = project.read_seed("scoring_rules")
    own = rules[rules.rule_set == "standard"].assign(rule_set="dated")
    own.loc[own.rule_id == "E3", "valid_to"] = "2026-03-17"
    base = own[own.rule_id == "E3"].iloc[0].to_dict()
    later = base | {"points": "35", "valid_from": "2026-03-18", "valid_to": ""}
    coverage = base | {
        "rule_id": "E9", "metric": "rating_coverage_rate", "lower_bound": "0.5", "points": "7",
        "valid_from": "2026-03-02", "valid_to": "",
    }
    project.write_seed("scoring_rules", pd.concat([rules, own, pd.DataFrame([later, coverage])]))
    weights = project.read_seed("dimension_weights")
    project.write_seed("dimension_weights", pd.concat([weights, weights.assign(rule_set="dated")]))
    assignments = project.read_seed("rule_set_assignments")
    row = assignments.iloc[0].to_dict() | {"hall_id": "DATED", "rule_set": "dated"}
    project.write_seed("rule_set_assignments", pd.concat([assignments, pd.DataFrame([row])]))


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "halls")
    logs = [
        *[case for minutes in (5, 15, 8, 12) for case in cases(1, DAY, "AVERAGE_10", minutes)],
        *cases(2, DAY, "AVERAGE_12_5", 12.5),
        *cases(10, DAY, "DONE_90", completed=9),
        *cases(10, DAY, "DONE_80", completed=8),
        *cases(3, DAY, "DONE_2_OF_3", completed=2),
        *cases(4, DAY, "NO_RATINGS"),
        *cases(2, DAY, "NAMELESS", clerk_id="N1"), *cases(2, DAY, "NAMELESS", clerk_id="N2"),
        *cases(5, DAY, "CLERKS", minutes=5, clerk_id="UNRATED"), *cases(5, DAY, "CLERKS", clerk_id="RATED_3"),
        *[case for clerk, minutes in (("T1", 10), ("T2", 10), ("T3", 14), ("T4", 20))
          for case in cases(2, DAY, "TIES", minutes, clerk_id=clerk)],
        *cases(1, DAY, "ATTRIBUTED", log_id="A001", clerk_id="K1"),
        *cases(1, DAY, "ATTRIBUTED", log_id="A002", clerk_id="K2"),
        *cases(1, DAY, "DOUBLED", 10, log_id="A001", start_time=f"{DAY} 09:00:00"),
        *cases(1, DAY, "DOUBLED", 30, log_id="A001", start_time=f"{DAY} 09:30:00"),
        *cases(1, "2026-03-11", "DOUBLED", 10, log_id="A001"),
        *[case for day in ("2026-01-15", "2026-02-15", DAY) for case in cases(1, day, "QUARTER")],
        *[case for day in ("2026-03-17", "2026-03-24") for case in cases(1, day, "DATED")],
        *cases(1, LONG_AGO, "LONG"), *cases(1, "2026-03-30", "LONG"),
        *[case for clerk in SHARERS for case in sharer_cases(clerk)],
        # One case twice: the row that counts, although it began later; if neither counts, the earlier.
        *cases(1, DAY, "COPIES", log_id="A1", clerk_id="GOOD", start_time=f"{DAY} 10:00:00"),
        *cases(1, DAY, "COPIES", 9999, log_id="A1", clerk_id="BAD", start_time=f"{DAY} 09:00:00"),
        *cases(1, DAY, "COPIES", 9999, log_id="A2", clerk_id="LATER", start_time=f"{DAY} 10:00:00"),
        *cases(1, DAY, "COPIES", None, log_id="A2", clerk_id="EARLIER", start_time=f"{DAY} 09:00:00"),
        *cases(1, None, "COPIES", log_id="A3", clerk_id="DAYLESS"),
        # The latest case with the id, not the latest that counts.
        *cases(1, "2026-03-09", "COPIES", log_id="A4", clerk_id="DAY_BEFORE"),
        *cases(1, DAY, "COPIES", 9999, log_id="A4", clerk_id="SAME_DAY"),
    ]
    rated = [
        *ratings([5, 4], DAY, "RATED_4_5"), *ratings([4, 3], DAY, "RATED_3_5"),
        *ratings([5], DAY, "NAMELESS", clerk_id="N1"), *ratings([5], DAY, "NAMELESS", clerk_id="N2"),
        *ratings([3, 3], DAY, "CLERKS", clerk_id="RATED_3"),
        *[row for clerk in ("T1", "T2", "T3", "T4") for row in ratings([4], DAY, "TIES", clerk_id=clerk)],
        *ratings([2], "2026-03-12", "ATTRIBUTED", log_id="A001"),
        *ratings([5], "2026-03-13", "ATTRIBUTED", log_id="A001"),
        *ratings([5], "2026-03-12", "ATTRIBUTED", log_id="A002"),
        *ratings([4], DAY, "QUARTER"),
        *[row for day in ("2026-03-17", "2026-03-24") for row in ratings([4], day, "DATED")],
        *[rating for clerk in SHARERS for n in range(20)
          for rating in ratings([1 if n < 8 else 5], DAY, "SHARERS", log_id=f"{clerk}{n}")],
        *[rating for n in (1, 2, 3, 4) for rating in ratings([4], DAY, "COPIES", log_id=f"A{n}", clerk_id="OWN")],
    ]
    for hall in ("RATED_4_5", "RATED_3_5"):
        logs += cases(1, DAY, hall)
    complaints = [
        complaint("RESOLVED_24H", f"{DAY} 08:30:00", "2026-03-11 08:30:00"),
        complaint("RESOLVED_24H_1S", f"{DAY} 08:30:00", "2026-03-11 08:30:01"),
        complaint("OPEN_LATE", "2026-03-20 10:00:00", None),
        complaint("OPEN_PENDING", "2026-03-31 12:00:00", None),
        complaint("NAMELESS", f"{DAY} 09:00:00", f"{DAY} 12:00:00"),
        complaint("QUARTER", "2026-02-16 09:00:00", "2026-02-16 10:00:00"),
    ]
    for hall in ("RESOLVED_24H", "RESOLVED_24H_1S", "OPEN_LATE", "OPEN_PENDING", "NO_COMPLAINTS"):
        logs += cases(1, DAY, hall)
        rated += ratings([4], DAY, hall)
    raw_tables.insert(project, "service_log", logs)
    raw_tables.insert(project, "feedback", rated)
    raw_tables.insert(project, "complaints", complaints)
    raw_tables.insert(project, "halls", [{"hall_id": "NO_CASES", "hall_name": "新大厅", "opened_on": "2026-01-01"}])
    add_million(project)
    set_dated_rules(project)
    project.build(AS_OF)
    return project


def score(project: Project, hall: str, period: str = "month", start: str = "2026-03-01", clerk: str | None = None):
    rows = project.query(f"""
        select * from {{schema}}.scores
        where hall_id = '{hall}' and subject_type = '{"clerk" if clerk else "hall"}' and subject_id = '{clerk or hall}'
            and period_type = '{period}' and period_start = '{start}'
    """)
    assert len(rows) == 1
    return rows.iloc[0]


def component(project: Project, hall: str, rule: str, clerk: str | None = None, start: str = "2026-03-01"):
    rows = project.query(f"""
        select * from {{schema}}.score_components
        where hall_id = '{hall}' and subject_type = '{"clerk" if clerk else "hall"}' and subject_id = '{clerk or hall}'
            and rule_id = '{rule}' and period_start = '{start}'
            and period_type = '{"quarter" if start == "2026-01-01" else "month"}'
    """)
    assert len(rows) == 1
    return rows.iloc[0]


# hall: efficiency of March, its deciding component, value and points
EFFICIENCY = {
    "AVERAGE_10": ("120", "E1", "10", "0"),          # (5 + 15 + 8 + 12) ÷ 4: nothing over, nothing under
    "AVERAGE_12_5": ("117.5", "E1", "12.5", "-2.5"),
    "DONE_90": ("120", "E3", "0.9", "20"),           # 0.90 is at least 0.90
    "DONE_80": ("100", "E4", "0.8", "0"),            # 0.80 is not below 0.80
    "DONE_899999": ("100", "E3", "0.899999", "0"),   # just short, and never rounded up to 0.90
    "DONE_2_OF_3": ("70", "E4", "0.6666666667", "-30"),
}


@pytest.mark.parametrize("hall", EFFICIENCY)
def test_efficiency(built, hall):
    expected, rule, value, points = EFFICIENCY[hall]
    assert score(built, hall).efficiency_score == Decimal(expected)
    decided = component(built, hall, rule)
    assert decided.value == Decimal(value)
    assert decided.points == Decimal(points)


# hall: satisfaction and composite of March (0.4 × 120 + 0.6 × satisfaction)
SATISFACTION = {
    "RATED_4_5": ("180", "156"),        # 100 + 30 + 50
    "RATED_3_5": ("150", "138"),        # 3.5 is not below 3.5
    "RESOLVED_24H": ("110", "114"),     # in time: 1 of 1: + 10; one complaint: no + 50
    "RESOLVED_24H_1S": ("85", "99"),    # 0 of 1: − 15
    "OPEN_LATE": ("85", "99"),          # its 24 hours are over: 0 of 1
    "OPEN_PENDING": ("100", "108"),     # it may still be in time: no rate; but it is a complaint
    "NO_COMPLAINTS": ("150", "138"),
}


@pytest.mark.parametrize("hall", SATISFACTION)
def test_satisfaction(built, hall):
    satisfaction, composite = SATISFACTION[hall]
    found = score(built, hall)
    assert found.satisfaction_score == Decimal(satisfaction)
    assert found.composite_score == Decimal(composite)
    assert found.status == "scored"


def test_the_next_step_reaches_the_bonus(built):
    # One complaint less would earn the 50 points of a month without complaints.
    bonus = component(built, "RESOLVED_24H", "S5")
    assert (bonus.distance_to_next_band, bonus.next_band_points) == (Decimal(-1), Decimal(50))
    # 0.8 → 0.90; 12.5 → 10 minutes
    completion = component(built, "DONE_80", "E3")
    assert (completion.distance_to_next_band, completion.next_band_points) == (Decimal("0.1"), Decimal(20))
    minutes = component(built, "AVERAGE_12_5", "E1")
    assert (minutes.distance_to_next_band, minutes.next_band_points) == (Decimal("-2.5"), Decimal("2.5"))


def test_pending_complaint_has_no_rate(built):
    assert component(built, "OPEN_PENDING", "S4").status == "no_data"
    assert component(built, "OPEN_PENDING", "S4").points == 0
    assert component(built, "OPEN_LATE", "S4").value == 0


def test_a_week_without_complaints_earns_no_monthly_bonus(built):
    week = score(built, "NO_COMPLAINTS", "week", "2026-03-09")
    assert week.satisfaction_score == Decimal(100)
    assert week.composite_score == Decimal(108)


def test_no_ratings_means_no_satisfaction_and_no_rank(built):
    found = score(built, "NO_RATINGS")
    assert found.efficiency_score == Decimal(120)
    assert found.satisfaction_score is None
    assert found.composite_score is None
    assert found.status == "incomplete"
    # The bonus for a month without complaints is shown, but is not enough.
    assert component(built, "NO_RATINGS", "S5").points == Decimal(50)
    assert built.query("select * from {schema}.rankings where hall_id = 'NO_RATINGS'").empty


def test_no_cases_is_listed_unscored_and_unranked(built):
    found = score(built, "NO_CASES")
    assert found.status == "no_business"
    assert found.composite_score is None
    assert built.query("select * from {schema}.rankings where hall_id = 'NO_CASES'").empty
    assert built.query("select hall_name from {schema}.dim_halls where hall_id = 'NO_CASES'").hall_name[0] == "新大厅"


def test_complaints_that_name_no_clerk_earn_nobody_the_bonus(built):
    for clerk in ("N1", "N2"):
        bonus = component(built, "NAMELESS", "S5", clerk)
        assert bonus.status == "not_attributable"
        assert bonus.points == 0
        # 100 + 30 for five stars
        assert score(built, "NAMELESS", clerk=clerk).satisfaction_score == Decimal(130)
    # 100 + 30 + 10: the hall itself has its complaint, handled in time
    assert score(built, "NAMELESS").satisfaction_score == Decimal(140)


def test_a_clerk_without_ratings_never_stands_above_one_rated_3(built):
    unrated, rated = score(built, "CLERKS", clerk="UNRATED"), score(built, "CLERKS", clerk="RATED_3")
    assert unrated.efficiency_score == Decimal(130)  # 100 + 2 × 5 + 20
    assert unrated.satisfaction_score is None
    assert unrated.status == "incomplete"
    assert rated.satisfaction_score == Decimal(130)  # 100 − 20 + 50
    assert rated.composite_score == Decimal(126)
    ranked = built.query("""
        select subject_id, rank_in_hall from {schema}.rankings
        where hall_id = 'CLERKS' and subject_type = 'clerk' and period_type = 'month'
    """)
    assert ranked.values.tolist() == [["RATED_3", 1]]


def test_ties_share_a_rank_and_leave_a_gap(built):
    ranked = built.query("""
        select subject_id, ranked_score, rank_in_hall, ranked_in_hall from {schema}.rankings
        where hall_id = 'TIES' and subject_type = 'clerk' and period_type = 'month' order by subject_id
    """)
    # 0.6 × 150 + 0.4 × (120, 120, 116, 110)
    assert ranked.values.tolist() == [
        ["T1", Decimal("138.00"), 1, 4], ["T2", Decimal("138.00"), 1, 4],
        ["T3", Decimal("136.40"), 3, 4], ["T4", Decimal("134.00"), 4, 4],
    ]


def test_a_rating_belongs_to_the_clerk_of_its_case_and_counts_once(built):
    metric = built.query("""
        select subject_id, value, sample_size from {schema}.metrics
        where hall_id = 'ATTRIBUTED' and subject_type = 'clerk' and period_type = 'month' and metric = 'avg_rating'
        order by subject_id
    """)
    assert metric.values.tolist() == [["K1", Decimal(2), 1], ["K2", Decimal(5), 1]]
    quality = built.query("select row_count from {schema}.data_quality where reason = 'second_rating'")
    assert quality.row_count.tolist() == [1]


@pytest.mark.parametrize("clerk", SHARERS)
def test_nobody_sheds_a_rating_by_the_clock_of_its_case(built, clerk):
    rating = built.query(f"""
        select value, sample_size, status from {{schema}}.metrics
        where hall_id = 'SHARERS' and subject_id = '{clerk}' and metric = 'avg_rating'
            and period_type = 'week' and period_start = '2026-03-09'
    """)
    assert rating.values.tolist() == [[Decimal("3.4"), 20, "measured"]]  # (8 × 1 + 12 × 5) ÷ 20
    week = score(built, "SHARERS", "week", "2026-03-09", clerk)
    assert week.satisfaction_score == Decimal(80)  # 100 − 20
    assert week.composite_score == Decimal("97.6")  # 0.6 × 80 + 0.4 × (100 + 2 × 2 + 20)
    # Some rated cases do not count: 20 ÷ 12, not clamped.
    coverage = built.query(f"""
        select value from {{schema}}.metrics
        where hall_id = 'SHARERS' and subject_id = '{clerk}' and metric = 'rating_coverage_rate'
            and period_type = 'week' and period_start = '2026-03-09'
    """)
    assert coverage.value.tolist() == [Decimal(1) if clerk == "SOUND" else Decimal("1.6666666667")]


def test_a_rating_takes_the_ids_of_the_row_that_counts_or_else_of_the_earliest(built):
    found = built.query("select log_id, clerk_id from {schema}_work.int_ratings where hall_id = 'COPIES'")
    assert dict(found.values) == {"A1": "GOOD", "A2": "EARLIER", "A3": "OWN", "A4": "SAME_DAY"}


def test_the_earliest_of_doubled_rows_counts(built):
    found = score(built, "DOUBLED")
    assert found.case_count == 2  # A001 of two days
    assert found.efficiency_score == Decimal(120)


def test_months_without_complaints_in_a_quarter(built):
    bonus = component(built, "QUARTER", "S6", start="2026-01-01")
    assert (bonus.value, bonus.sample_size) == (Decimal(2), 3)
    # 2 × 16.6666666667
    assert bonus.points == Decimal("33.333333")
    # 100 + 33.333333 + 10 (the complaint was handled in time)
    assert score(built, "QUARTER", "quarter", "2026-01-01").satisfaction_score == Decimal("143.333333")


def test_rules_of_the_first_day_hold_for_the_whole_period(built):
    # Across the change of 18 March: week and month began before it, so 20 points.
    assert score(built, "DATED", "week", "2026-03-16").efficiency_score == Decimal(127)  # 100 + 20 + 7
    assert score(built, "DATED", "week", "2026-03-23").efficiency_score == Decimal(142)  # 100 + 35 + 7
    # The month began before the coverage rule of 2 March came into force.
    assert score(built, "DATED").efficiency_score == Decimal(120)
    rules = built.query("""
        select count(*) as n from {schema}.score_components
        where hall_id = 'DATED' and rule_id = 'E9' and period_type = 'month' and period_start = '2026-03-01'
    """)
    assert rules.n[0] == 0


def test_more_than_a_thousand_days_of_history(built):
    weeks = built.query("select period_start from {schema}.dim_periods where period_type = 'week' order by 1")
    # 28 November 2022 to 30 March 2026: 1,218 days later, 174 weeks, and the first
    assert len(weeks) == 175
    for start in ("2022-11-28", "2026-03-30"):
        assert score(built, "LONG", "week", start).case_count == 1
    assert score(built, "LONG", "week", "2024-06-03").status == "no_business"
