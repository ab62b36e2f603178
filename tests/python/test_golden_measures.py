"""Measures beyond the policy's, on small halls whose values were computed by hand."""

from decimal import Decimal

import pytest

import raw_tables
from conftest import Project
from raw_tables import cases, complaint, ratings

pytestmark = [pytest.mark.once, pytest.mark.quick]

AS_OF = "2026-03-31"
DAY = "2026-03-10"


def waited(hall: str, minutes: int, seconds: int = 0, **columns) -> list[dict]:
    """Return a case whose ticket was drawn at 08:00:00 and called some time later."""
    start = 8 * 3600 + 60 * minutes + seconds
    called = f"{DAY} {start // 3600:02}:{start // 60 % 60:02}:{start % 60:02}"
    return cases(1, DAY, hall, ticket_time=f"{DAY} 08:00:00", start_time=called, **columns)


def add_callbacks(project: Project) -> None:
    """Hall CALLS: low ratings and complaints that were called back in time, late, too early, or not."""
    called = {  # rating of 10 March: its 48 hours begin at the end of the day and end on 13 March 00:00:00
        "2026-03-10 09:00:00": 1, "2026-03-13 00:00:00": 2, "2026-03-13 00:00:01": 2,
        "2026-03-09 23:59:59": 1,  # before the rating: cannot be judged
        None: 1,
    }
    rows = [row for time, star in called.items() for row in ratings([star], DAY, "CALLS", callback_time=time)]
    rows += ratings([3, 5], DAY, "CALLS")  # not low
    rows += ratings([1], "2026-03-29", "CALLS")  # until 1 April 00:00:00, which is not past yet
    rows += ratings([1], "2026-03-30", "CALLS", callback_time="2026-04-01 10:00:00")  # not known yet
    raw_tables.insert(project, "feedback", rows)
    raw_tables.insert(project, "complaints", [
        complaint("CALLS", f"{DAY} 10:00:00", f"{DAY} 11:00:00", callback_time="2026-03-12 10:00:00"),
        complaint("CALLS", f"{DAY} 10:00:00", f"{DAY} 11:00:00", callback_time="2026-03-12 10:00:01"),
        complaint("CALLS", f"{DAY} 10:00:00", f"{DAY} 11:00:00", callback_time=f"{DAY} 09:00:00"),
        complaint("CALLS", f"{DAY} 10:00:00", f"{DAY} 11:00:00", is_upheld=0),
        complaint("CALLS", "2026-03-31 10:00:00", None),
    ])
    raw_tables.insert(project, "service_log", cases(1, DAY, "CALLS"))


def add_merits(project: Project) -> None:
    """Hall MERIT: 3 + 1.5 approved for clerk C1, 2 for the hall itself; the rest does not count."""
    raw_tables.insert(project, "service_log", cases(1, DAY, "MERIT", clerk_id="C1"))
    raw_tables.insert(project, "merit_records", [
        {"hall_id": "MERIT", "subject_type": kind, "subject_id": subject, "date": day, "quantity": quantity,
         "kind": None if day == "2026-03-31" else "上门指导" if kind == "hall" else "延时服务", "approved_by": approver}
        for kind, subject, day, quantity, approver in (
            ("clerk", "C1", DAY, 3, "李主任"), ("clerk", "C1", "2026-03-31", 1.5, "李主任"),
            ("hall", None, DAY, 2, "李主任"),
            ("clerk", "C1", DAY, 9, None), ("clerk", "C1", DAY, 0, "李主任"), ("clerk", "C1", None, 9, "李主任"),
            ("team", "C1", DAY, 9, "李主任"), ("clerk", None, DAY, 9, "李主任"),
            ("clerk", "C1", "2026-04-01", 9, "李主任"),
        )
    ])


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    raw_tables.create(project, "service_log", "feedback", "complaints", "merit_records")
    raw_tables.insert(project, "service_log", [
        *[case for minutes in (0, 14, 15, 20, 30, 31, 40, 50, 60) for case in waited("WAITS", minutes)],
        *waited("WAITS", 15, 1),
        *waited("WAITS", -5), *waited("WAITS", 481), *cases(1, DAY, "WAITS"),
        *waited("ONE", 7, 12, clerk_id="C1"), *waited("ONE", 480, clerk_id="C2"),
    ])
    raw_tables.insert(project, "feedback", ratings([4], DAY, "WAITS"))
    add_callbacks(project)
    add_merits(project)
    project.build(AS_OF)
    return project


def metric(project: Project, hall: str, name: str, clerk: str | None = None, period: str = "month"):
    rows = project.query(f"""
        select numerator, denominator, value, sample_size, status from {{schema}}.metrics
        where hall_id = '{hall}' and subject_type = '{"clerk" if clerk else "hall"}' and subject_id = '{clerk or hall}'
            and metric = '{name}' and period_type = '{period}' and period_start between '2026-01-01' and '{DAY}'
        order by period_start desc limit 1
    """)
    assert len(rows) == 1
    return rows.iloc[0]


@pytest.mark.parametrize("period", ["week", "month", "quarter", "year"])
def test_waits(built, period):
    # 0, 14, 15, 15:01, 20, 30, 31, 40, 50 and 60 minutes; of the other three cases the wait is unknown.
    average = metric(built, "WAITS", "avg_wait_minutes", period=period)
    assert average.value == Decimal("27.5016666667")  # 275 minutes and 1 second ÷ 10
    assert average.sample_size == 10
    # 0, 14 and 15 are within 15 minutes; 15:01 is not.
    within = metric(built, "WAITS", "wait_within_target_rate", period=period)
    assert (within.numerator, within.value) == (3, Decimal("0.3"))
    # The ninth of ten is 50.
    assert metric(built, "WAITS", "p90_wait_minutes", period=period).value == 50
    assert metric(built, "WAITS", "avg_process_minutes", period=period).denominator == 13


def test_the_percentile_is_given_in_whole_minutes_and_the_longest_plausible_wait_counts(built):
    assert metric(built, "ONE", "p90_wait_minutes", "C1").value == 8  # 7:12: more than 7, at most 8
    assert metric(built, "ONE", "avg_wait_minutes", "C1").value == Decimal("7.2")
    assert metric(built, "ONE", "avg_wait_minutes", "C2").value == 480
    assert metric(built, "ONE", "p90_wait_minutes").value == 480  # the second of two


def test_callbacks(built):
    # Ratings: 09:00 and the last second are in time, one second later is not, none is not: 2 of 4.
    # Complaints: exactly 48 hours is in time, one second more is not: 1 of 2. Pending: two ratings and a complaint.
    rate = metric(built, "CALLS", "negative_feedback_callback_rate")
    assert (rate.numerator, rate.denominator, rate.value) == (3, 6, Decimal("0.5"))
    assert metric(built, "WAITS", "negative_feedback_callback_rate").status == "no_data"


def test_merits(built):
    assert metric(built, "MERIT", "merit_quantity", "C1").value == Decimal("4.5")
    assert metric(built, "MERIT", "merit_quantity").value == Decimal("6.5")
    assert metric(built, "WAITS", "merit_quantity").value == 0
    kinds = built.query("""
        select kind, record_count, subject_count, quantity from {schema}.merit_kinds
        where period_type = 'month' and period_start = '2026-03-01' order by kind
    """)
    assert kinds.values.tolist() == [
        ["unknown", 1, 1, Decimal("1.5")], ["上门指导", 1, 1, 2], ["延时服务", 1, 1, 3],
    ]
    found = built.query("""
        select outcome, reason, row_count from {schema}.data_quality where raw_table = 'merit_records'
    """)
    assert sorted(map(tuple, found.fillna("").values)) == [
        ("counted", "", 1), ("counted", "", 2), ("not_yet", "", 1), ("rejected", "bad_date", 1),
        ("rejected", "bad_quantity", 1), ("rejected", "bad_subject", 2), ("rejected", "not_approved", 1),
    ]


def test_an_impossible_wait_is_an_issue_of_a_case_that_counts(built):
    found = built.query("select outcome, reason, row_count from {schema}.data_quality where outcome = 'repaired'")
    assert sorted(map(tuple, found.values)) == [
        ("repaired", "callback_before_complaint", 1), ("repaired", "callback_before_rating", 1),
        ("repaired", "implausible_wait", 1), ("repaired", "start_before_ticket", 1),
    ]


def test_no_ticket_has_no_wait(built):
    # The second period of ONE's hall has no case, so nobody waited.
    rows = built.query("""
        select distinct status from {schema}.metrics
        where hall_id = 'ONE' and period_type = 'week' and period_start = '2026-03-16'
            and metric in ('avg_wait_minutes', 'wait_within_target_rate', 'p90_wait_minutes')
    """)
    assert list(rows.status) == ["no_data"]


def test_a_new_target_is_judged_from_what_was_counted(built):
    kept = built.read_seed("metric_parameters")
    changed = kept.copy()
    changed.loc[changed.parameter == "wait_target_minutes", "value"] = "16"
    try:
        built.write_seed("metric_parameters", changed)
        built.build(AS_OF)
        assert metric(built, "WAITS", "wait_within_target_rate").value == Decimal("0.4")  # and 15:01
        counted = built.query("""
            select count(*) as n from {schema}_work.slice_versions
            where model_name = 'int_cases' and build_id = (select max(build_id) from {schema}.dim_periods)
                and slice <> 'code'
        """)
        assert counted.n[0] == 0
    finally:
        built.write_seed("metric_parameters", kept)


def test_a_callback_comes_due_and_becomes_known_without_a_new_row(built):
    built.build("2026-04-01")
    # 3 of 6 were in time; on 1 April 00:00:00 the rating of 29 March came due; that of 30 March was called in
    # time on 1 April at 10:00; the complaint of 31 March is due on 2 April 10:00.
    rate = metric(built, "CALLS", "negative_feedback_callback_rate")
    assert (rate.numerator, rate.denominator) == (4, 8)
    built.build(AS_OF)
    assert metric(built, "CALLS", "negative_feedback_callback_rate").denominator == 6
