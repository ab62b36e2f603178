"""Raw tables with text columns full of garbage: every row is accounted for, with its reason."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import raw_tables
from conftest import Project

pytestmark = [pytest.mark.once, pytest.mark.quick]

# rows of service_log: (service_date, process_time, is_completed, log_id, start_time, end_time) and their outcome
SERVICE_LOG = [
    (("2026-03-10", "12.5", "1", "A1", "", ""), ("counted", None)),
    (("2026/3/10", " 7 ", "0", "A2", "", ""), ("counted", None)),
    (("2026-03-10 08:30:00", "7", "1", "A3", "", ""), ("counted", None)),
    (("2026-02-30", "7", "1", "A4", "", ""), ("rejected", "bad_service_date")),
    (("昨天", "7", "1", "A5", "", ""), ("rejected", "bad_service_date")),
    (("", "7", "1", "A6", "", ""), ("rejected", "bad_service_date")),
    (("0000-00-00", "7", "1", "A7", "", ""), ("rejected", "bad_service_date")),
    (("20260310", "7", "1", "A8", "", ""), ("rejected", "bad_service_date")),
    ((None, None, None, None, None, None), ("rejected", "bad_service_date")),
    (("2026-03-10", "１２", "1", "B1", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "十分钟", "1", "B2", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "", "1", "B3", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "-5", "1", "B4", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "1e5", "1", "B5", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "99999999999999999999999999", "1", "B6", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "NaN", "1", "B7", "", ""), ("rejected", "bad_process_time")),
    (("2026-03-10", "480.1", "1", "C1", "", ""), ("rejected", "implausible_process_time")),
    (("2026-03-10", "480", "1", "C2", "", ""), ("counted", None)),
    (("2026-03-10", "7", "是", "D1", "", ""), ("rejected", "bad_is_completed")),
    (("2026-03-10", "7", "2", "D2", "", ""), ("rejected", "bad_is_completed")),
    (("2026-03-10", "7", "", "D3", "", ""), ("rejected", "bad_is_completed")),
    (("2026-03-10", "9", "1", "A1", "", ""), ("rejected", "duplicate_log_id")),
    (("2026-03-10", "7", "1", "", "", ""), ("counted", None)),
    (("2026-03-10", "7", "1", "   ", "", ""), ("counted", None)),
    (("2026-03-10", "x", "1", "E1", "2026-03-10 09:00", "2026-03-10 09:20"), ("repaired", "derived_process_time")),
    (("2026-03-10", "7", "1", "E2", "2026-03-10 10:00", "2026-03-10 09:00"), ("repaired", "end_before_start")),
    (("2026-03-10", "7", "1", "E3", "2026-03-10 25:00:00", ""), ("repaired", "unreadable_time")),
    (("2026-04-01", "7", "1", "F1", "", ""), ("not_yet", None)),
]
# rows of feedback: (date, rating)
FEEDBACK = [
    (("2026-03-10", "5"), ("counted", None)),
    (("2026-03-10", "非常满意"), ("counted", None)),
    (("2026-03-10", "4.0"), ("counted", None)),
    (("2026-03-10", "4.5"), ("rejected", "bad_rating")),
    (("2026-03-10", "0"), ("rejected", "bad_rating")),
    (("2026-03-10", "６"), ("rejected", "bad_rating")),
    (("2026-03-10", "还行"), ("rejected", "bad_rating")),
    (("2026-03-10", ""), ("rejected", "bad_rating")),
    (("10 March", "5"), ("rejected", "bad_date")),
    (("2026-04-01", "5"), ("not_yet", None)),
]
# rows of complaints: (complaint_date, complaint_time, resolution_time)
COMPLAINTS = [
    (("2026-03-10", "2026-03-10 09:00:00", "2026-03-10 10:00:00"), ("counted", None)),
    (("2026-03-10", "2026-03-10 09:00:00", ""), ("counted", None)),
    (("", "2026-03-10 09:00:00", ""), ("counted", None)),
    (("2026-03-10", "", "2026-03-10 10:00:00"), ("repaired", "no_complaint_time")),
    (("2026-03-10", "2026-03-10 09:00:00", "2026-03-10 08:00:00"), ("repaired", "resolution_before_complaint")),
    (("2026-03-10", "2026-03-10 09:00:00", "明天"), ("repaired", "unreadable_time")),
    (("三月十日", "", ""), ("rejected", "bad_complaint_date")),
    (("2026-04-02", "2026-04-02 09:00:00", ""), ("not_yet", None)),
]
TABLES = {
    "service_log": (["service_date", "process_time", "is_completed", "log_id", "start_time", "end_time"], SERVICE_LOG),
    "feedback": (["date", "rating"], FEEDBACK),
    "complaints": (["complaint_date", "complaint_time", "resolution_time"], COMPLAINTS),
}


@pytest.fixture(scope="module")
def built(project: Project) -> Project:
    for table, (columns, rows) in TABLES.items():
        typed = ", ".join(f"`{column}` varchar(200)" for column in columns)
        project.execute(f"create table {project.raw_schema}.{table} ({typed}) default charset utf8mb4")
        raw_tables.insert(project, table, [dict(zip(columns, cells, strict=True)) for cells, _ in rows])
    project.build("2026-03-31")
    return project


@pytest.mark.parametrize("table", TABLES)
def test_every_garbage_row_has_its_reason(built, table):
    expected: dict = {}
    for _, fate in TABLES[table][1]:
        expected[fate] = expected.get(fate, 0) + 1
    found = built.query(f"""
        select outcome, reason, sum(row_count) as row_count from {{schema}}.data_quality
        where raw_table = '{table}' group by outcome, reason
    """)
    assert {(row.outcome, row.reason): int(row.row_count) for row in found.itertuples()} == expected


def test_only_sound_rows_are_measured(built):
    month = built.query("""
        select metric, numerator, denominator from {schema}.metrics
        where period_type = 'month' and period_start = '2026-03-01' and subject_type = 'hall'
    """).set_index("metric")
    # Of the two A1 without a start, the shorter one counts: 9 + 7 + 7 + 480 + 7 + 7 + 20 (from its times) + 7 + 7
    assert month.loc["avg_process_minutes"].tolist() == [551, 9]
    assert month.loc["avg_rating"].tolist() == [14, 3]
    # Two have no usable times and one an unreadable time; the two open ones are long overdue.
    assert month.loc["complaint_timely_rate"].tolist() == [1, 3]
    assert month.loc["complaint_count"].numerator == 6


DAYS = st.one_of(
    st.dates().map(str), st.sampled_from(["2026-03-10", "2026/3/9", "2026-02-29", "2026-13-01", "0000-00-00", " "]),
)
NUMBERS = st.one_of(
    st.floats().map(str), st.integers().map(str), st.sampled_from(["5", "4", "1", "0", "７", "-0", "+3"])
)
TIMES = st.one_of(st.datetimes().map(str), st.sampled_from(["2026-03-10 09:00", "2026-03-10 24:00:00", "09:00"]))
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)
ANY = st.one_of(st.none(), WORDS, DAYS, NUMBERS, TIMES)
GARBAGE = st.fixed_dictionaries({
    table: st.lists(st.tuples(*[st.one_of(ANY, near) for near in nears]), min_size=15, max_size=30)
    for table, nears in {
        "service_log": (DAYS, NUMBERS, NUMBERS, WORDS, TIMES, TIMES),
        "feedback": (DAYS, NUMBERS),
        "complaints": (DAYS, TIMES, TIMES),
    }.items()
})


@pytest.fixture(scope="module")
def garbage() -> dict[str, list[tuple]]:
    """Some hundred rows of each table, from small examples, because large ones take long to find."""
    found = {table: [] for table in TABLES}

    @settings(max_examples=12, derandomize=True, database=None, phases=[Phase.generate], deadline=None)
    @given(GARBAGE)
    def collect(example: dict[str, list[tuple]]) -> None:
        for table, rows in example.items():
            found[table] += rows

    collect()
    return found


def test_no_garbage_stops_the_build_or_is_lost(built, garbage):
    for table, (columns, _) in TABLES.items():
        project_table = f"{built.raw_schema}.{table}"
        built.execute(f"truncate table {project_table}")
        raw_tables.insert(built, table, [dict(zip(columns, cells, strict=True)) for cells in garbage[table]])
    built.build(
        "2026-03-31", "--select", "stg_service_log stg_feedback stg_complaints plan_raw_days plan_days",
        "int_mended_ids int_cases int_cases_by_day int_ratings int_ratings_by_day int_subject_days data_quality",
        "every_raw_row_is_accounted_for",
        reconcile=True,
    )
    counted = built.query("select raw_table, sum(row_count) as n from {schema}.data_quality group by raw_table")
    assert {row.raw_table: int(row.n) for row in counted.itertuples()} == {t: len(rows) for t, rows in garbage.items()}
    assert min(map(len, garbage.values())) >= 180
