"""Ids from other systems: blank ends make no separate subject, and long ids are never cut into the same one."""

import hashlib
import time
import unicodedata

import pytest

import raw_tables
from conftest import Project

DAY = "2026-03-10"
# Every white space, control and invisible format character; not the visible Arabic format characters.
BLANK = [
    sign for sign in map(chr, [*range(0x10000), 0xE0001, 0xE0020])
    if unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cc", "Cf") and not "\u0600" <= sign <= "\u08ff"
]
# Not blank, although most of these are next to a blank one.
SEEN = [*"!~¡®、〇一龥（）！･ﾟ￮é–․‥•⁁😀"]
LONG = [f"{'窗' * 70}{number}" for number in (1, 2)]
FITS = "窗" * 63 + "1"
TEXT = "varchar(200) character set utf8mb4 collate utf8mb4_general_ci"


# Never allowed in an id; other white space inside an id is part of it.
UNPRINTABLE = [
    *map(chr, [*range(0x20), *range(0x7F, 0xA0), *range(0x2028, 0x202F), *range(0x2066, 0x206A), 0xFFFE, 0xFFFF])
]


def shortened(name: str) -> str:
    """Return the shortened form of an id that is too long or has UNPRINTABLE characters inside."""
    printable = "".join(sign for sign in name if sign not in UNPRINTABLE)
    return f"{printable[:47]}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def row(log_id: str, **columns) -> dict:
    [case] = raw_tables.cases(1, DAY, "H1", log_id=log_id, **columns)
    return case


def insert_ids(project: Project, gap: int) -> None:
    """One case and one rating per blank character, at different places of the id; copies; audits."""
    logs, rated = [], []
    for number, sign in enumerate(BLANK):
        logs.append(row(f"{sign}A{number}{sign} {sign}", clerk_id=f" {sign}C1{sign}"))
        rated += raw_tables.ratings([5], DAY, "H1\t", log_id=f"A{number}{sign}")
    for number, sign in enumerate(SEEN):
        logs.append(row(f"{sign}S{number}{sign}", clerk_id=f"{sign}\u3000{sign}"))
        rated += raw_tables.ratings([4], DAY, "H1", log_id=f"\u3000{sign}S{number}{sign}")
    logs += [row(log_id, clerk_id="C2") for log_id in ("B1", " B1", "B1  ", "\u3000B1", "B1\r\n")]
    logs += [row(log_id, clerk_id="C3") for log_id in ("\t", "\ufeff \u200b", "", "  ")]
    for number, sign in enumerate(UNPRINTABLE):
        log_id = f"U{sign}{number}"
        logs.append(row(log_id, clerk_id=f"C{sign}5{sign}") | {"hall_id": "H3"})
        rated += raw_tables.ratings([2], DAY, "H3", log_id=f" {log_id}", clerk_id=f"C{sign}5")
    logs.append(row(f"U0{UNPRINTABLE[0]}", clerk_id="C5") | {"hall_id": "H3"})
    logs += [row("  P1 ", clerk_id="C4 ")]  # plain blanks cause no issue
    rated[0]["comment"] = f"é{' ' * gap}é\t"  # a pattern must not try each blank
    raw_tables.insert(project, "service_log", logs)
    raw_tables.insert(project, "feedback", rated)
    raw_tables.create(project, "audit_samples", "merit_records")
    raw_tables.insert(project, "audit_samples", [
        {"audit_id": f"{n}\x00", "log_id": log_id, "audited_process_time": 10}
        for n, log_id in enumerate(("A3", "A3\t", "\u3000A12", "P1"))
    ])
    raw_tables.insert(project, "merit_records", [
        {"date": DAY, "hall_id": "H1", "subject_type": "clerk", "subject_id": "C1\x7f", "quantity": 1, "kind": "延时",
         "approved_by": "主任"}
    ])


@pytest.fixture(scope="module", params=["own", "foreign"])
def built(project: Project, request) -> Project:
    """Raw tables as the loader creates them, and wider ones of another collation; both in one schema."""
    for table in ("service_log", "feedback", "complaints", "windows", "audit_samples", "merit_records"):
        project.execute(f"drop table if exists {project.raw_schema}.{table}")
    raw_tables.create(project, "service_log", "feedback", "complaints", "windows")
    if request.param == "foreign":
        ids = ("log_id", "hall_id", "window_id", "clerk_id")
        for table, columns in (
            ("service_log", ids), ("feedback", ids), ("complaints", ids[1:]), ("windows", (*ids[1:3], "department")),
        ):
            changes = ", ".join(f"modify {column} {TEXT}" for column in columns)
            project.execute(f"alter table {project.raw_schema}.{table} {changes}")
        project.execute(f"alter table {project.raw_schema}.feedback modify comment longtext")
    insert_ids(project, gap=60_000 if request.param == "own" else 3_000_000)
    if request.param == "foreign":
        insert_long_ids(project)
    nodes = (
        "+stg_service_log", "+every_raw_row_is_accounted_for", "+audits_find_their_case", "+merit_kinds",
        "+stg_comments",
    )
    project.dbt("build", "--indirect-selection", "cautious", "--select", *nodes, as_of_date="2026-03-31")
    return project


def insert_long_ids(project: Project) -> None:
    windows = [*LONG, FITS]
    raw_tables.insert(project, "windows", [
        {"hall_id": "H2", "window_id": f"{window}\u3000", "department": f"{window}部"} for window in windows
    ])
    raw_tables.insert(project, "service_log", [
        row(f"{window}号", window_id=f"\t{window}") | {"hall_id": "H2"} for window in windows
    ])
    raw_tables.insert(project, "feedback", [
        rating for window in windows for rating in raw_tables.ratings([3], DAY, "H2", log_id=f"{window}号 ")
    ])
    raw_tables.insert(project, "complaints", [
        raw_tables.complaint("H2", f"{DAY} 09:00:00", None, window_id=LONG[0]),
        raw_tables.complaint("H2", f"{DAY} 09:00:00", None, window_id=f"{FITS} "),
    ])


def test_every_blank_sign_is_trimmed_and_said(built):
    found = built.query("""
        select log_id, clerk_id, issue, outcome from {schema}_work.stg_service_log where hall_id = 'H1'
    """)
    by_id = {case.log_id: case for case in found.itertuples() if case.log_id}
    for number, sign in enumerate(BLANK):
        case = by_id[f"A{number}"]
        expected = ("counted", None) if sign == " " else ("repaired", "trimmed_id")
        assert (case.clerk_id, case.outcome, case.issue) == ("C1", *expected), ascii(sign)
    for number, sign in enumerate(SEEN):
        case = by_id[f"{sign}S{number}{sign}"]
        assert (case.clerk_id, case.outcome, case.issue) == (f"{sign}\u3000{sign}", "counted", None), sign
    assert (by_id["P1"].clerk_id, by_id["P1"].outcome) == ("C4", "counted")


def test_unprintable_signs_go_and_make_no_other_id(built):
    found = built.query("select log_id, clerk_id, issue from {schema}_work.stg_service_log where hall_id = 'H3'")
    expected = {
        (shortened(f"U{sign}{number}"), shortened(f"C{sign}5"), "trimmed_id, unprintable_id")
        for number, sign in enumerate(UNPRINTABLE)
    }
    assert set(found.itertuples(index=False, name=None)) == expected | {("U0", "C5", "trimmed_id")}
    assert len({clerk for _, clerk, _ in expected}) == len(UNPRINTABLE)
    rated = built.query("select log_id, clerk_id from {schema}_work.int_ratings where hall_id = 'H3'")
    assert set(rated.itertuples(index=False, name=None)) == {row[:2] for row in expected}


def test_nothing_left_is_no_id(built):
    found = built.query("select outcome from {schema}_work.stg_service_log where log_id is null")
    assert sorted(found.outcome) == ["counted", "counted", "repaired", "repaired"]


def test_copies_are_found_whatever_is_at_their_ends(built):
    for model, name in (("int_cases", "reason"), ("stg_service_log", "reject_reason")):
        found = built.query(f"select {name} as r, outcome from {{schema}}_work.{model} where clerk_id = 'C2'")
        assert len(found) == 5
        assert set(found[found.outcome == "rejected"].r) == {"duplicate_log_id"}
        assert sum(found.outcome == "rejected") == 4


def test_a_rating_finds_its_case(built):
    found = built.query("""
        select log_id, clerk_id, outcome, reason, hall_id from {schema}_work.int_ratings where hall_id = 'H1'
    """)
    assert len(found) == len(BLANK) + len(SEEN)
    clerks = {f"A{number}": "C1" for number in range(len(BLANK))}
    clerks |= {f"{sign}S{number}{sign}": f"{sign}\u3000{sign}" for number, sign in enumerate(SEEN)}
    assert dict(zip(found.log_id, found.clerk_id, strict=True)) == clerks
    assert set(zip(found.outcome, found.reason, strict=True)) == {("repaired", "trimmed_id")}


def test_an_audit_finds_its_case(built):
    found = built.query("select audit_id, outcome, hall_id from {schema}_work.int_audited_cases order by audit_id")
    assert found.values.tolist() == [[str(n), "compared", "H1"] for n in range(4)]


def test_trimmed_merit_counts(built):
    kinds = built.query("select record_count from {schema}.merit_kinds where period_type = 'year'")
    assert kinds.record_count.tolist() == [1]
    found = built.query("select outcome, reason from {schema}.data_quality where raw_table = 'merit_records'")
    assert found.values.tolist() == [["repaired", "trimmed_id"]]


def test_a_long_gap_in_a_comment_takes_no_time(built):
    started = time.monotonic()
    found = built.query("select comment_text as c from {schema}_work.stg_comments where comment_text is not null")
    assert [text.rstrip() for text in found.c] == ["é"]
    assert time.monotonic() - started < 5


def test_long_ids_are_kept_apart(built):
    if not built.query("select 1 from {raw}.windows").size:
        pytest.skip("its columns hold no long id")
    windows = [shortened(LONG[0]), shortened(LONG[1]), FITS]
    found = built.query("select * from {schema}_work.int_subject_days where hall_id = 'H2'")
    named = {kind: sorted(rows.subject_id) for kind, rows in found.groupby("subject_type")}
    departments = sorted(map(shortened, (f"{window}部" for window in (*LONG, FITS))))
    assert (named["window"], named["department"]) == (sorted(windows), departments)
    # Each with its case and the rating of that case.
    assert found[found.subject_type == "window"][["case_count", "star_3_count"]].values.tolist() == [[1, 1]] * 3
    issues = built.query("select window_id, issue from {schema}_work.stg_service_log where hall_id = 'H2'")
    assert dict(issues.values) == dict.fromkeys(windows, "trimmed_id, long_id")
    complaints = built.query("select window_id, issue from {schema}_work.stg_complaints where hall_id = 'H2'")
    assert dict(complaints.values) == {shortened(LONG[0]): "long_id", FITS: None}
