"""Peak hours, actions, rewards and checks of the raw data on small halls, computed by hand."""

from datetime import date, timedelta
from decimal import Decimal

import pandas as pd
import pytest

import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings

pytestmark = pytest.mark.once

AS_OF = "2026-06-02"
DECIDED = {"valid_from": "2020-01-01", "valid_to": "", "decided_on": "", "reason": "", "source": ""}
TRIGGER = {
    "subject_type": "hall", "period_type": "month", "metric": "first_visit_completion_rate", "lower_bound": "",
    "upper_bound": "0.80", "min_sample": "5", "consecutive_periods": "1", "action": "check_materials", "label_zh": "",
    "label_en": "", "deadline_working_days": "10",
} | DECIDED
TIER = {
    "reward": "bonus", "tier": "1", "subject_type": "clerk", "period_type": "quarter", "min_score": "120",
    "max_rank_share": "", "min_sample": "", "complaints": "any", "min_audit_match": "",
    "label_zh": "", "label_en": "",
} | DECIDED


def add_peak(project: Project) -> None:
    """Hall PEAK on two Mondays of May, and on one before the eight weeks."""

    def served(day: str, ticket: str | None, start: str, window: str | None, channel: str = "window") -> list[dict]:
        ticket_time = f"{day} {ticket}:00" if ticket else None
        return cases(1, day, "PEAK", window_id=window, channel=channel, ticket_time=ticket_time,
                     start_time=f"{day} {start}:00")

    raw_tables.insert(project, "service_log", [
        *served("2026-05-11", "10:00", "10:05", "A"), *served("2026-05-11", "10:00", "10:10", "A"),
        *served("2026-05-11", "10:00", "10:20", "B"),
        *served("2026-05-18", "10:30", "11:10", "A"), *served("2026-05-18", None, "10:15", None, "self_service"),
        *served("2026-03-30", "10:00", "10:59", "C"),  # Monday of the ninth week back
    ])


def add_months(project: Project) -> None:
    """Hall LOOP: share done at the first visit by month, of 10 cases; 4 cases are too few to judge."""
    for day, count, done in (
        ("2025-10-10", 10, 7), ("2025-11-10", 10, 7), ("2025-12-10", 4, 4), ("2026-01-10", 10, 7),
        ("2026-02-10", 10, 8), ("2026-03-10", 10, 7), ("2026-04-10", 10, 9), ("2026-05-10", 10, 9),
    ):
        raw_tables.insert(project, "service_log", cases(count, day, "LOOP", completed=done))
    raw_tables.insert(project, "service_log", cases(10, "2025-09-10", "LEFT", completed=7))  # three months more
    # And hall YEAR: four of six, 43 weeks in a row.
    for week in range(43):
        day = date(2025, 8, 4) + timedelta(weeks=week)
        raw_tables.insert(project, "service_log", cases(6, str(day), "YEAR", completed=4))


def add_clerks(project: Project) -> None:
    """Hall GIFT, first quarter of 2026: 0.4 × (100 + 20 + 2 × minutes below 10) + 0.6 × (100 + bonuses)."""
    # Rated 4 and without complaints 0.6 × (100 + 3 × 16.67) = 90; 120 + 2 × (10 − minutes) in efficiency.
    for clerk, minutes, count in (("A", 5, 30), ("B", 6, 30), ("C", 6, 30), ("D", 7, 30), ("E", 8, 10), ("F", 9, 30)):
        for month in ("01", "02", "03"):
            day = f"2026-{month}-10"
            raw_tables.insert(project, "service_log", cases(count, day, "GIFT", minutes, clerk_id=clerk))
            raw_tables.insert(project, "feedback", ratings([4], day, "GIFT", clerk_id=clerk))
    raw_tables.insert(project, "service_log", cases(3, "2026-02-10", "GIFT", 1, clerk_id="UNRATED"))
    raw_tables.insert(project, "complaints", [
        complaint("GIFT", "2026-01-12 09:00:00", "2026-01-12 10:00:00", clerk_id="A", is_upheld=1),
        complaint("GIFT", "2026-01-12 09:00:00", "2026-01-12 10:00:00", clerk_id="D"),
        complaint("GIFT", "2026-01-12 09:00:00", "2026-01-12 10:00:00", clerk_id="F", is_upheld=0),
    ])


def days_between(first: str, last: str, weekdays: set[int]) -> list[str]:
    return [str(day.date()) for day in pd.date_range(first, last) if day.day_of_week in weekdays]


def add_logs(project: Project) -> None:
    """Halls that miss days: GAPS one Tuesday, DARK all since May, SATURDAY one Saturday; NEW never had a row."""
    holidays = {"2026-05-01", "2026-05-02", "2026-05-03", "2026-05-04", "2026-05-05"}
    week = set(range(5))
    open_days = {
        "GAPS": {*days_between("2026-04-20", "2026-06-01", week), "2026-05-09"} - holidays - {"2026-05-12"},
        "DARK": {*days_between("2026-01-05", "2026-04-30", week)},
        "SATURDAY": {*days_between("2026-03-07", "2026-05-30", {5})} - holidays - {"2026-05-23"},
    }
    raw_tables.insert(project, "service_log", [
        case for hall, days in open_days.items() for day in sorted(days) for case in cases(1, day, hall)
    ])
    raw_tables.create(project, "halls")
    raw_tables.insert(project, "halls", [{"hall_id": "NEW", "hall_name": "新", "opened_on": "2026-05-20"}])


def add_dirt(project: Project) -> None:
    """Hall DIRT in the last days: 10 cases at the counter, 2 of them rejected, and 2 online."""
    day = "2026-05-28"
    raw_tables.insert(project, "service_log", [
        *cases(5, day, "DIRT", window_id="1"), *cases(3, day, "DIRT"), *cases(2, day, "DIRT", minutes=-1),
        *cases(1, day, "DIRT", channel="online", log_id="N1"), *cases(1, day, "DIRT", channel="online", log_id="N2"),
        *(case for log_id in ("X1", "X2", "X3", "X4", "X5") for case in cases(1, day, "IDS", log_id=log_id)),
        *cases(1, "2026-05-29", "IDS", log_id="X1"),
        *(case for day in ("2026-05-28", "2026-05-29") for log_id in ("A1", "A2", "A3", "A4")
          for case in cases(1, day, "RESTART", log_id=log_id)),
    ])
    raw_tables.insert(project, "feedback", [
        *ratings([5, 4], day, "DIRT", window_id="1"), *ratings([3], day, "DIRT"),
        *ratings([5], day, "DIRT", log_id="N1"), *ratings([5], day, "DIRT", log_id="N2"),
    ])
    raw_tables.insert(project, "complaints", [{"hall_id": "DIRT"}])  # without a day
    raw_tables.create(project, "merit_records")
    merit = {"hall_id": "DIRT", "subject_type": "hall", "kind": "延时服务", "quantity": 1}
    raw_tables.insert(project, "merit_records", [
        merit | {"date": day, "approved_by": "M"}, merit | {"date": day, "approved_by": None},
        merit | {"date": day, "approved_by": "M", "quantity": 0}, merit | {"date": day, "approved_by": "M"},
    ])


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints")
    add_peak(project)
    add_months(project)
    add_clerks(project)
    add_logs(project)
    add_dirt(project)
    project.write_seed("improvement_triggers", pd.DataFrame([
        TRIGGER | {"trigger_id": "ONE"},
        TRIGGER | {"trigger_id": "THREE", "consecutive_periods": "3"},
        TRIGGER | {"trigger_id": "WEEKLY", "period_type": "week"},
        TRIGGER | {"trigger_id": "SLOW", "metric": "avg_process_minutes", "lower_bound": "10", "upper_bound": "",
                   "valid_from": "2026-04-01"},
        # Upper bound 0.85 until a day without a successor, and again from a later day.
        *({"trigger_id": "ENDED"} | TRIGGER | row for row in (
            {"upper_bound": "0.85", "valid_to": "2026-01-15"}, {"valid_from": "2026-03-01"})),
        *({"trigger_id": "PAUSED"} | TRIGGER | {"upper_bound": "0.85", "consecutive_periods": "2"} | row for row in (
            {"valid_to": "2025-10-31"}, {"valid_from": "2025-12-01"})),
        *({"trigger_id": "MOVED"} | TRIGGER | row for row in (
            {"upper_bound": "0.85", "valid_to": "2026-02-28"}, {"upper_bound": "0.75", "valid_from": "2026-03-01"})),
        TRIGGER | {"trigger_id": "SCORE", "metric": "composite_score", "subject_type": "clerk",
                   "period_type": "quarter", "upper_bound": "140", "min_sample": "30"},
    ]))
    project.write_seed("reward_tiers", pd.DataFrame([
        TIER | {"tier_id": "B1", "max_rank_share": "0.5", "complaints": "none_upheld"},
        TIER | {"tier_id": "B2", "tier": "2", "min_sample": "90"},
        TIER | {"tier_id": "T1", "reward": "training", "complaints": "none", "min_score": "142"},
        TIER | {"tier_id": "LATER", "reward": "other", "valid_from": "2026-02-01"},
    ]))
    limits = project.read_seed("quality_limits")
    limits.loc[limits.check_id == "days_without_log", "days"] = "40"  # back to before the holidays of May
    silent = (limits.check_id == "days_since_last_row") & (limits.raw_table == "complaints")
    limits.loc[silent, "days"] = "30"  # and warns from 90 on
    limits["min_sample"] = limits.min_sample.map({"50": "4", "10": "4"}).fillna("")
    project.write_seed("quality_limits", limits)
    project.build(AS_OF)
    return project


def test_peak_hours(built):
    rows = built.query("select * from {schema}.peak_hours where hall_id = 'PEAK'").set_index("hour_of_day")
    assert sorted(rows.index) == [10, 11]
    assert set(rows.iso_weekday) == {1}
    ten, eleven = rows.loc[10], rows.loc[11]
    # The eight weeks that end on 31 May; two Mondays with a case.
    assert (str(ten.first_day), str(ten.last_day), ten.day_count) == ("2026-04-06", "2026-05-31", 2)
    # Tickets at 10:00, 10:00, 10:00 and 10:30 waited 5, 10, 20 and 40 minutes.
    assert (ten.arrival_count, ten.mean_arrivals, ten.wait_count) == (4, 2, 4)
    assert (ten.avg_wait_minutes, ten.p90_wait_minutes) == (Decimal("18.75"), 40)
    assert ten.wait_within_target_rate == Decimal("0.5")
    # Begun between 10 and 11: three at windows A and B on one Monday, one at a machine on the other.
    assert (ten.case_count, ten.mean_cases, ten.mean_open_windows) == (4, 2, 1)
    assert (ten.self_service_share, ten.online_share) == (Decimal("0.25"), 0)
    # The last one drew its ticket before 11 and was called after.
    assert (eleven.arrival_count, eleven.case_count, eleven.mean_open_windows) == (0, 1, Decimal("0.5"))
    assert eleven.avg_wait_minutes is None


def states(project: Project, trigger: str, subject: str = "LOOP") -> list[tuple]:
    rows = project.query(f"""
        select period_start, state, run_length, opened_in, evidence from {{schema}}.improvement_actions
        where trigger_id = '{trigger}' and subject_id = '{subject}' order by period_start
    """)
    return [(str(r.period_start)[:7], r.state, int(r.run_length), str(r.opened_in)[:7]) for r in rows.itertuples()]


def test_an_action_opens_continues_and_recovers(built):
    # 0.7 0.7 (4 cases: unknown) 0.7 0.8 0.7 0.9 0.9, below 0.80
    assert states(built, "ONE") == [
        ("2025-10", "new", 1, "2025-10"), ("2025-11", "continuing", 2, "2025-10"),
        ("2025-12", "continuing", 2, "2025-10"),  # too few cases to count as recovered
        ("2026-01", "continuing", 3, "2025-10"),
        ("2026-02", "recovered", 0, "2025-10"),  # 0.80 is not below 0.80
        ("2026-03", "new", 1, "2026-03"), ("2026-04", "recovered", 0, "2026-03"),
    ]
    assert states(built, "THREE") == [("2026-01", "new", 3, "2026-01"), ("2026-02", "recovered", 0, "2026-01")]


def test_an_action_whose_trigger_has_ended_is_closed(built):
    # 0.7 0.7 (4 cases) 0.7 and in February 0.8, which is below 0.85: not recovered, but no longer judged.
    assert states(built, "ENDED") == [
        ("2025-10", "new", 1, "2025-10"), ("2025-11", "continuing", 2, "2025-10"),
        ("2025-12", "continuing", 2, "2025-10"), ("2026-01", "continuing", 3, "2025-10"),
        ("2026-02", "ended", 0, "2025-10"),
        ("2026-03", "new", 1, "2026-03"), ("2026-04", "recovered", 0, "2026-03"),  # a later row starts again
    ]
    [ended] = built.query("""
        select value, upper_bound, first_period_start, evidence from {schema}.improvement_actions
        where trigger_id = 'ENDED' and state = 'ended' and subject_id = 'LOOP'
    """).values.tolist()
    assert ended == [Decimal("0.8"), Decimal("0.85"), None, None]


def test_a_trigger_also_ends_for_a_subject_that_is_no_more(built):
    # It closed in September and is reported until December; the trigger is last in force in January.
    assert states(built, "ENDED", "LEFT") == [
        ("2025-09", "new", 1, "2025-09"), ("2025-10", "continuing", 1, "2025-09"),
        ("2025-11", "continuing", 1, "2025-09"), ("2025-12", "continuing", 1, "2025-09"),
        ("2026-02", "ended", 0, "2025-09"),
    ]
    assert states(built, "ONE", "LEFT")[-1] == ("2025-12", "continuing", 1, "2025-09")  # nothing has ended it
    rows = built.query("""
        select is_open, value, sample_size, upper_bound, period_end from {schema}.improvement_actions
        where trigger_id = 'ENDED' and subject_id = 'LEFT' and state = 'ended'
    """)
    assert rows.map(str).values.tolist() == [["0", "None", "None", "0.8500000000", "2026-02-28"]]


def test_an_action_still_open_after_its_due_date_is_overdue(built):
    rows = built.query("""
        select trigger_id, subject_id, period_start, is_open, due_on, is_overdue from {schema}.improvement_actions
        where trigger_id in ('ONE', 'SLOW') and subject_id in ('LOOP', 'DIRT') and period_start >= '2026-03-01'
        order by 1, 2, 3
    """)
    assert [(r.trigger_id, r.subject_id, str(r.period_start)[:7], r.is_open, str(r.due_on), r.is_overdue)
            for r in rows.itertuples()] == [
        # April recovered it.
        ("ONE", "LOOP", "2026-03", 1, "2026-04-15", 0), ("ONE", "LOOP", "2026-04", 0, "2026-04-15", 0),
        ("SLOW", "DIRT", "2026-05", 1, "2026-06-12", 0),
        # After 30 April: 6–9 (Saturday is worked), 11–15 and 18 May. The data are of 2 June.
        ("SLOW", "LOOP", "2026-04", 1, "2026-05-18", 1), ("SLOW", "LOOP", "2026-05", 1, "2026-05-18", 1),
    ]


def test_a_run_ends_with_its_trigger_and_goes_on_where_a_row_follows_at_once(built):
    # October, and not November: January is the first of the two in a row, February (0.8) the second.
    assert states(built, "PAUSED") == [
        ("2026-02", "new", 2, "2026-02"), ("2026-03", "continuing", 3, "2026-02"),
        ("2026-04", "recovered", 0, "2026-02"),
    ]
    # 0.8 is below 0.85, 0.7 below 0.75.
    assert [row[:3] for row in states(built, "MOVED")][-3:] == [
        ("2026-02", "continuing", 4), ("2026-03", "continuing", 5), ("2026-04", "recovered", 0),
    ]


def test_the_evidence_is_the_values_of_the_run(built):
    rows = built.query("""
        select * from {schema}.improvement_actions where trigger_id = 'THREE' and subject_id = 'LOOP'
        order by period_start
    """)
    assert rows.evidence.tolist() == ["2025-10-01: 0.7 (10); 2025-11-01: 0.7 (10); 2026-01-01: 0.7 (10)", None]
    assert rows.first_period_start.map(str).tolist() == ["2025-10-01", "None"]
    first = rows.iloc[0]
    assert (first.value, first.sample_size, first.upper_bound) == (Decimal("0.7"), 10, Decimal("0.8"))
    assert (first.action, first.deadline_working_days) == ("check_materials", 10)


def test_of_a_long_run_the_latest_values_stay(built):
    rows = built.query("""
        select * from {schema}.improvement_actions where trigger_id = 'WEEKLY' and subject_id = 'YEAR'
        order by period_start
    """)
    last, values = rows.iloc[-1], rows.evidence.iloc[-1].split("; ")
    assert (last.run_length, str(last.first_period_start), str(last.period_start)) == (43, "2025-08-04", "2026-05-25")
    assert (len(values), values[0], values[-1]) == (
        40, "2025-08-25: 0.6666666667 (6)", "2026-05-25: 0.6666666667 (6)")


def test_a_trigger_counts_from_its_first_day_and_a_score_fires_too(built):
    # 10 minutes are at least 10; before April the trigger was not in force. May is over.
    assert states(built, "SLOW") == [("2026-04", "new", 1, "2026-04"), ("2026-05", "continuing", 2, "2026-04")]
    # Below 140 in the first quarter, by 30 cases at least: E has exactly 30.
    fired = built.query("""
        select subject_id from {schema}.improvement_actions
        where trigger_id = 'SCORE' and period_start = '2026-01-01' order by subject_id
    """)
    assert fired.subject_id.tolist() == ["A", "D", "E", "F"]


# clerk: score of the quarter, rank of six, and what each tier says (None: a candidate)
# efficiency 120 + 2 × (10 − minutes); satisfaction 100 + 16.67 per month without complaint + 10 for one in time
REWARDS = {
    "A": ("138.00", 5, "rank_too_low, upheld_complaint", None, "score_too_low, complaint"),  # 52 + 0.6 × 143.33
    "B": ("141.20", 1, None, "higher_tier", "score_too_low"),                                # 51.2 + 90
    "C": ("141.20", 1, None, "higher_tier", "score_too_low"),
    "D": ("136.40", 6, "rank_too_low", None, "score_too_low, complaint"),
    "E": ("139.60", 3, None, "sample_too_small", "score_too_low"),
    "F": ("138.80", 4, "rank_too_low", None, "score_too_low"),                               # unfounded: none
}


@pytest.mark.parametrize("clerk", REWARDS)
def test_rewards(built, clerk):
    rows = built.query(f"""
        select * from {{schema}}.reward_candidates
        where subject_id = '{clerk}' and hall_id = 'GIFT' and period_start = '2026-01-01' order by tier_id
    """).set_index("tier_id")
    score, rank, *reasons = REWARDS[clerk]
    assert list(rows.index) == ["B1", "B2", "T1"]  # the other begins in February
    assert set(zip(rows.ranked_score, rows.rank_in_group, rows.ranked_in_group, strict=True)) == {
        (Decimal(score), rank, 6)
    }
    assert rows.missed_reason.tolist() == reasons
    assert rows.is_candidate.tolist() == [int(reason is None) for reason in reasons]
    assert rows.last_rank["B1"] == 3  # half of six


def test_who_is_not_scored_is_told_so(built):
    rows = built.query("""
        select missed_reason from {schema}.reward_candidates
        where subject_id = 'UNRATED' and period_start = '2026-01-01' and tier_id = 'B1'
    """)
    assert rows.missed_reason.tolist() == ["not_scored"]


# value and severity as of Tuesday 2 June, by the standard limits except 40 days without a log and 4 rows
CHECKS = {
    # 12 May. Not: 1 and 4 May (holidays), other weekends, and 2 June, which is not over. Saturday 9 May was worked.
    ("GAPS", "service_log", "days_without_log"): ("1", "warn"),
    # 24 April to 1 June has 27 weekdays, three of them holidays, and one worked Saturday: logs on 24 April and
    # from Monday 27 to Thursday 30.
    ("DARK", "service_log", "days_without_log"): (str(27 - 3 + 1 - 5), "error"),
    ("DARK", "service_log", "days_since_last_row"): ("33", "error"),
    ("SATURDAY", "service_log", "days_without_log"): ("1", "warn"),  # 23 May; 2 May was a holiday
    ("SATURDAY", "service_log", "days_since_last_row"): ("3", "ok"),
    ("NEW", "service_log", "days_since_last_row"): ("13", "error"),  # open since 20 May
    ("NEW", "complaints", "days_since_last_row"): ("13", "ok"),
    ("DIRT", "service_log", "days_since_last_row"): ("5", "warn"),
    ("DIRT", "complaints", "days_since_last_row"): ("5", "ok"),  # none with a known day: as old as the hall
    # None since August: the number of checked days; for the check, one 141 days ago gives the same.
    ("YEAR", "complaints", "days_since_last_row"): ("90", "warn"),
    ("GIFT", "complaints", "days_since_last_row"): ("90", "warn"),
    ("DIRT", "service_log", "rejected_share"): ("0.1666666667", "error"),  # 2 of 12
    ("DIRT", "service_log", "no_window_share"): ("0.375", "warn"),  # 3 of the 8 that count at the counter
    ("DIRT", "feedback", "no_window_share"): ("0.3333333333", "insufficient_sample"),  # of 3; two were online
    ("DIRT", "merit_records", "rejected_share"): ("0.25", "warn"),  # the one of quantity 0, not the unapproved
    ("GAPS", "service_log", "no_clerk_share"): ("1", "error"),
    ("IDS", "service_log", "repeated_id_share"): ("0.2", "error"),  # X1 of five ids
    ("RESTART", "service_log", "repeated_id_share"): ("1", "ok"),
}


@pytest.mark.parametrize(("hall", "table", "check"), CHECKS)
def test_quality_checks(built, hall, table, check):
    rows = built.query(f"""
        select value, severity from {{schema}}.quality_checks
        where hall_id = '{hall}' and check_id = '{check}' and raw_table = '{table}'
    """)
    value, severity = CHECKS[hall, table, check]
    assert rows.values.tolist() == [[Decimal(value), severity]]


def test_nothing_else_is_found_of_open_days(built):
    found = built.query("""
        select hall_id from {schema}.quality_checks
        where check_id = 'days_without_log' and value > 0 and hall_id in ('GAPS', 'DARK', 'SATURDAY', 'NEW')
    """)
    assert sorted(found.hall_id) == ["DARK", "GAPS", "SATURDAY"]
