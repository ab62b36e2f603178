"""Published scores: what is published and when, that nothing changes it, and how to correct and appeal it.

The tests of this module follow one history: publish, change the data, correct, appeal, kill.
"""

import csv
import re
import shutil
import time
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import mysql.connector
import pandas as pd
import pytest

import raw_tables
import verify_published
from conftest import PROJECT_DIR, Project, run_script
from raw_tables import cases, ratings

pytestmark = pytest.mark.once

AS_OF = "2026-03-10"
LATER = "2026-03-11"
FEBRUARY = "period_type = 'month' and period_start = '2026-02-01'"
REASON = "补录 '10' 件，见 H1\\W9"  # quoted as SQL
TABLES = ("components", "dimension_scores", "scores", "publications")


def fill(project: Project) -> None:
    """Insert two halls with three clerks and one day of business.

    C1: 12.5 minutes, 100 − 2.5 + 20 = 117.5; rated 4, no complaint, 100 + 50 = 150; 0.4 × 117.5 + 0.6 × 150 = 137.
    C2: 8 minutes, 124; rated 5, 180; 49.6 + 108 = 157.6. C9 and its hall H2: 10 minutes, 120; 150; 48 + 90 = 138.
    H1: 10.25 minutes, 119.75; rated 4.5, 180; 47.9 + 108 = 155.9.
    """
    raw_tables.create(
        project, "service_log", "feedback", "complaints", "windows", "appeals", "corrections", "audit_samples"
    )
    raw_tables.insert(project, "windows", [
        {"hall_id": "H1", "window_id": "W1", "department": "人社"},
        {"hall_id": "H1", "window_id": "W2", "department": "税务"},
    ])
    for hall, window, clerk, minutes, star in (
        ("H1", "W1", "C1", 12.5, 4), ("H1", "W2", "C2", 8, 5), ("H2", "W9", "C9", 10, 4),
    ):
        names = {"window_id": window, "clerk_id": clerk}
        raw_tables.insert(project, "service_log", [
            case | {"log_id": f"{clerk}-{n}"} for n, case in enumerate(cases(10, "2026-02-10", hall, minutes, **names))
        ])
        raw_tables.insert(project, "feedback", ratings([star, star], "2026-02-10", hall, **names))


def publish_from(project: Project, day: str) -> None:
    parameters = project.read_seed("metric_parameters")
    parameters.loc[parameters.parameter == "publish_from", "value"] = day
    project.write_seed("metric_parameters", parameters)


def ledger(project: Project, table: str) -> pd.DataFrame:
    return project.query(f"select * from {{schema}}_ledger.{table} order by 1, 2")


def verify(project: Project, *arguments, code: int = 0) -> str:
    return run_script("verify_published.py", *arguments, code=code, HALL_SCORES_SCHEMA=project.schema)


def head_of(output: str) -> str:
    return output.split("head hash: ")[1].strip()


@pytest.fixture(scope="module")
def published(project: Project) -> Project:
    fill(project)
    publish_from(project, "2026-02-01")
    project.build(AS_OF)
    return project


@pytest.fixture(scope="module")
def first(published: Project, tmp_path_factory) -> dict:
    """The ledger after the first build: its rows, its head hash, and its CSV files."""
    folder = tmp_path_factory.mktemp("ledger")
    head = head_of(verify(published, "--save", folder))
    return {"rows": {table: ledger(published, table) for table in TABLES}, "head": head, "folder": folder}


def test_periods_are_published_in_order_once_they_are_closed_long_enough(published):
    found = published.query(
        "select publication_number, period_type, period_start, revision, kind from {schema}.publications order by 1"
    )
    # Lag 3: the week that ended on 8 March is due when 11 March is over.
    assert [(*row[:2], str(row[2]), *row[3:]) for row in found.values.tolist()] == [
        (1, "week", "2026-02-09", 1, "period"), (2, "week", "2026-02-16", 1, "period"),
        (3, "month", "2026-02-01", 1, "period"), (4, "week", "2026-02-23", 1, "period"),
    ]
    scores = published.query(f"""
        select subject_id, department, composite_score from {{schema}}.published_scores
        where {FEBRUARY} and is_latest and subject_type in ('hall', 'clerk', 'window') order by 1
    """)
    assert scores.values.tolist() == [
        ["C1", None, Decimal("137")], ["C2", None, Decimal("157.6")], ["C9", None, Decimal("138")],
        ["H1", None, Decimal("155.9")], ["H2", None, Decimal("138")],
        ["W1", "人社", Decimal("137")], ["W2", "税务", Decimal("157.6")], ["W9", None, Decimal("138")],
    ]


def test_a_row_is_hashed_as_the_documentation_says(published):
    row = published.query(f"select * from {{schema}}.published_scores where {FEBRUARY} and subject_id = 'W1'").iloc[0]
    text = (
        f"1:31:{row.line_number}2:H16:window2:W16:人社8:standard64:{row.rule_book_hash}3:all2:101:21:06:scored1:0"
        "10:117.50000010:150.000000-10:137.000000"
    )
    assert row.row_hash == sha256(text.encode()).hexdigest()


def read_csv(folder: Path, table: str) -> list[dict]:
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return [{n: verify_published.read_cell(cell) for n, cell in row.items()} for row in csv.DictReader(file)]


def test_saved_text_is_read_back_as_it_was(tmp_path):
    odd = {"hall_id": 'a\rb\n"c', "previous_hash": None, "reason": "\\N", "subject_id": ""}
    rows = [dict.fromkeys([*columns, verify_published.hash_column(table)], "1") | odd
            for table, columns in verify_published.TABLES.items()]
    saved = {
        table: {name: cell for name, cell in row.items() if name in {*columns, verify_published.hash_column(table)}}
        for (table, columns), row in zip(verify_published.TABLES.items(), rows, strict=True)
    }
    verify_published.save(SimpleNamespace(read=lambda table, condition: [saved[table]]), tmp_path)
    assert {table: read_csv(tmp_path, table)[0] for table in TABLES} == saved


def rehash(table: str, row: dict) -> None:
    text = verify_published.canonical_text(table, row, "2")
    row[verify_published.hash_column(table)] = sha256(text.encode()).hexdigest()


def change(table: str, match: dict, rehashed: bool = False, **cells):
    """Return a function that changes cells of the first matching row, optionally with its hash."""

    def apply(rows: dict[str, list[dict]]) -> None:
        row = next(r for r in rows[table] if match.items() <= r.items())
        row |= cells
        if rehashed:
            rehash(table, row)

    return apply


def delete(table: str, match: dict):
    def apply(rows: dict[str, list[dict]]) -> None:
        rows[table].remove(next(r for r in rows[table] if match.items() <= r.items()))

    return apply


def insert_clerk(rows: dict[str, list[dict]]) -> None:
    """Insert a consistent clerk at the end of publication 3."""
    for table in ("components", "dimension_scores", "scores"):
        own = [r for r in rows[table] if r["publication_number"] == "3"]
        for row in [r for r in own if r["subject_id"] == "C9"]:
            copy = row | {"hall_id": "H9", "line_number": str(len(own) + 1)}
            rehash(table, copy)
            rows[table].append(copy)
            own.append(copy)


def swap_subjects(rows: dict[str, list[dict]]) -> None:
    best, worst = (
        next(r for r in rows["scores"] if r["publication_number"] == "3" and r["subject_id"] == name)
        for name in ("C1", "C2")
    )
    best["subject_id"], worst["subject_id"] = worst["subject_id"], best["subject_id"]


def renumber(rows: dict[str, list[dict]]) -> None:
    """Exchange two whole publications."""
    names = {"1": "2", "2": "1"}
    for table, table_rows in rows.items():
        for row in table_rows:
            row["publication_number"] = names.get(row["publication_number"], row["publication_number"])
            rehash(table, row)


def cut_tail(rows: dict[str, list[dict]]) -> None:
    for table in rows:
        rows[table] = [r for r in rows[table] if r["publication_number"] != "4"]


C1_E1 = {"publication_number": "3", "subject_id": "C1", "rule_id": "E1"}
C1_E3 = {"publication_number": "3", "subject_id": "C1", "rule_id": "E3"}
C1 = {"publication_number": "3", "subject_id": "C1"}
# the change of the rows, and what the verifier must say
TAMPERED = {
    "a score is changed": (
        change("scores", C1, composite_score="147.000000"), "scores: publication 3 line 1 (H1 clerk C1)",
    ),
    "a score is changed with its hash": (
        change("scores", C1, True, composite_score="147.000000"),
        "scores: publication 3 line 1 (H1 clerk C1): composite_score is 147.000000, recomputed 137.000000",
    ),
    "a value is changed with its hash": (
        change("components", C1_E1, True, value="11.0000000000", points="-1.000000"),
        "(H1 clerk C1 efficiency E1): value 11.0000000000 is not 125.0000000000 of 10.0000000000",
    ),
    "points are moved with their hash": (
        change("components", C1_E1, True, points="-1.000000"), "(H1 clerk C1 efficiency E1): applied with -1.000000",
    ),
    "a rule snapshot is edited": (
        change("components", C1_E3, rule_points="30.0000000000"), "(H1 clerk C1 efficiency E3): the row is not the one",
    ),
    "a rule snapshot is edited with its hash": (
        change("components", C1_E3, True, lower_bound="1.5000000000"),
        "(H1 clerk C1 efficiency E3): applied with 20.000000 points; its rule gives not_met",
    ),
    "a rule and its points are edited with the hash": (
        change("components", C1_E3, True, rule_points="30.0000000000", points="30.000000"),
        "(H1 clerk C1 efficiency): unclamped_score is 117.500000, recomputed 127.500000",
    ),
    "a label is edited with its hash": (
        change("components", C1_E3, True, label_zh="别的"), "components: publication 3: a row was changed together",
    ),
    "a null is made blank": (
        change("components", C1_E3, decision_reason=""), "(H1 clerk C1 efficiency E3): the row is not the one",
    ),
    "a quotient is called none with its hash": (
        change("components", C1_E1, True, is_divided="0"),
        "(H1 clerk C1 efficiency E1): value 12.5000000000 is not 125.0000000000",
    ),
    "a component is deleted": (delete("components", C1_E3), "components: publication 3 line 7 is missing"),
    "a score is deleted": (delete("scores", C1), "scores: publication 3 line 1 is missing"),
    "the last score is deleted": (
        delete("scores", {"publication_number": "3", "subject_id": "W9"}),
        "scores: publication 3 line 10: 9 rows, published were 10",
    ),
    "a clerk is inserted": (insert_clerk, "(H9 clerk C9 digital D0)"),
    "two rows are swapped": (swap_subjects, "scores: publication 3 line 1 (H1 clerk C2)"),
    "lines are renumbered": (
        change("scores", C1, True, line_number="2"), "scores: publication 3 line 1 is missing",
    ),
    "publications are reordered": (renumber, "publications: publication 1 (week 2026-02-16 1): previous_hash"),
    "a publication is deleted": (
        delete("publications", {"publication_number": "2"}), "publications: publication 2 is missing",
    ),
    "the last publication alone is deleted": (
        delete("publications", {"publication_number": "4"}), "rows of publication 4, which is not in publications",
    ),
    "an as-of date is changed": (
        change("publications", {"publication_number": "3"}, as_of_date="2026-03-01"),
        "publications: publication 3 (month 2026-02-01 1): the row is not the one that was hashed",
    ),
    "an as-of date is changed with its hash": (
        change("publications", {"publication_number": "3"}, True, as_of_date="2026-03-01"),
        "publications: publication 4 (week 2026-02-23 1): previous_hash",
    ),
}


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_and_named(first, tmp_path, capsys, name):
    apply, message = TAMPERED[name]
    write_tampered(first, tmp_path, apply)
    assert verify_published.main(["--csv", str(tmp_path)]) == 1
    assert message in capsys.readouterr().err


def write_tampered(first: dict, folder: Path, apply) -> None:
    rows = {table: read_csv(first["folder"], table) for table in TABLES}
    names = {table: list(table_rows[0]) for table, table_rows in rows.items()}
    apply(rows)
    for table, table_rows in rows.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names[table])
            writer.writeheader()
            writer.writerows(
                {name: verify_published.written_cell(cell) for name, cell in row.items()} for row in table_rows
            )


def test_a_tail_that_is_cut_off_is_found_only_by_a_noted_head(first, tmp_path, capsys):
    write_tampered(first, tmp_path, cut_tail)
    assert verify_published.main(["--csv", str(tmp_path)]) == 0
    assert "3 publications" in capsys.readouterr().out
    assert verify_published.main(["--csv", str(tmp_path), "--head", first["head"]]) == 1
    assert "changed or cut off" in capsys.readouterr().err
    assert verify_published.main(["--csv", str(first["folder"]), "--head", first["head"]]) == 0
    assert "that of publications: publication 4" in capsys.readouterr().out


@pytest.fixture(scope="module")
def restored(published: Project, first, tmp_path_factory) -> Project:
    """A scratch project with the raw tables as of the first publications."""
    made = Project(tmp_path_factory.mktemp("replay"))
    shutil.copytree(PROJECT_DIR / "analyses", made.folder / "analyses")
    for name in published.query("select table_name as t from information_schema.tables where table_schema = '{raw}'").t:
        made.execute(f"create table {made.raw_schema}.{name} as select * from {published.raw_schema}.{name}")
    publish_from(made, "2026-02-01")
    yield made
    made.close()


@pytest.fixture(scope="module")
def drifted(published: Project, first, restored) -> Project:
    """The same hall after a late log, a changed seed and a moved window, rebuilt."""
    late = [case | {"log_id": f"LATE-{n}"} for n, case in enumerate(
        cases(10, "2026-02-10", "H2", 10.5, window_id="W9", clerk_id="C9")
    )]
    raw_tables.insert(published, "service_log", late)
    published.execute(f"update {published.raw_schema}.windows set department = '公安' where window_id = 'W1'")
    rules = published.read_seed("scoring_rules")
    published.write_seed("scoring_rules", rules.assign(
        points=[("25" if rule == "E3" else points) for rule, points in zip(rules.rule_id, rules.points, strict=True)]
    ))
    published.build(AS_OF, "--full-refresh")
    published.write_seed("scoring_rules", rules)
    return published


def test_nothing_changes_what_is_published(drifted, first):
    for table in TABLES:
        assert ledger(drifted, table).equals(first["rows"][table]), table
    assert head_of(verify(drifted)) == first["head"]
    live = drifted.query(f"select composite_score from {{schema}}.scores where {FEBRUARY} and subject_id = 'C1'")
    assert live.composite_score[0] == Decimal("139")  # 137 + 0.4 × 5
    ranked = drifted.query(f"""
        select subject_id, ranked_score, rank_in_group, revision from {{schema}}.rankings
        where {FEBRUARY} and subject_type = 'clerk' order by 1
    """)
    assert ranked.values.tolist() == [
        ["C1", Decimal("137.00"), 3, 1], ["C2", Decimal("157.60"), 1, 1], ["C9", Decimal("138.00"), 2, 1],
    ]
    current = drifted.query("select month_composite_score as s from {schema}.scores_current where subject_id = 'C1'")
    assert current.s[0] == Decimal("137")
    # W1 is in another department now; the old department's publication stays.
    gone = drifted.query("select month_composite_score as s from {schema}.scores_current where subject_id = '人社'")
    assert gone.s.tolist() == [Decimal("137")]
    # The new department has live scores, but no official one in a period that was published without it.
    found = {
        mart: drifted.query(f"select 1 from {{schema}}.{mart} where {FEBRUARY} and subject_id = '公安'")
        for mart in ("scores", "standing_scores", "rankings")
    }
    assert {mart: len(rows) for mart, rows in found.items()} == {"scores": 1, "standing_scores": 0, "rankings": 0}
    running = drifted.query("""
        select standing.composite_score, scores.composite_score as live, standing.revision
        from {schema}.standing_scores as standing
        inner join {schema}.scores using (period_type, period_start, hall_id, subject_type, subject_id)
        where standing.period_type = 'year' and standing.subject_id = '公安'
    """)
    assert len(running) == 1
    assert running.composite_score[0] == running.live[0]
    assert running.revision[0] is None


def test_drift_shows_live_beside_published(drifted):
    drift = drifted.query(f"""
        select subject_id, differences, published_score, live_score, score_change from {{schema}}.publication_drift
        where {FEBRUARY} and subject_type in ('clerk', 'department', 'window') and hall_id = 'H1' order by 1
    """)
    book = "composite_score, rule_book_hash"
    assert drift.values.tolist() == [
        ["C1", book, Decimal("137"), Decimal("139"), Decimal("2")],
        ["C2", book, Decimal("157.6"), Decimal("159.6"), Decimal("2")],
        ["W1", "composite_score, department, rule_book_hash", Decimal("137"), Decimal("139"), Decimal("2")],
        ["W2", book, Decimal("157.6"), Decimal("159.6"), Decimal("2")],
        ["人社", "not live", Decimal("137"), None, None],
        ["公安", "not published", None, Decimal("139"), None],
        ["税务", book, Decimal("157.6"), Decimal("159.6"), Decimal("2")],
    ]


def test_an_auditor_replays_a_publication_from_the_raw_logs_as_they_were(drifted, restored, first):
    restored.build(AS_OF)
    # The whole chain is the same, hash by hash, and so is each score, as an auditor would query it.
    assert head_of(verify(restored)) == first["head"]

    def differences() -> pd.DataFrame:
        restored.dbt(
            "compile", "--select", "replay_differences", published_schema=drifted.schema, publication_number=3,
            as_of_date=AS_OF,
        )
        path = restored.folder / "target/compiled/hall_scores/analyses/replay_differences.sql"
        return restored.query(path.read_text("utf-8"))

    assert differences().empty
    restored.execute(f"update {restored.raw_schema}.service_log set process_time = 9 where clerk_id = 'C2'")
    restored.dbt("run", "--select", "+scores", as_of_date=AS_OF, reconcile=True)
    assert set(differences().subject_id) == {"C2", "W2", "H1", "税务"}


def appeal(number: int, subject: str, **columns) -> dict:
    return {
        "appeal_id": f"A{number}", "hall_id": "H1", "subject_type": "clerk", "subject_id": subject,
        "period_type": "month", "period_start": "2026-02-01", "rule_id": "E1", "reason": "时长多记",
        "submitted_by": subject, "submitted_at": "2026-03-03 09:00:00", "decision": "upheld",
        "decided_by": "复核组", "decided_at": "2026-03-10 15:00:00", "decision_reason": "情况属实",
    } | columns


@pytest.fixture(scope="module")
def appealed(drifted: Project) -> Project:
    """A correction, valid and invalid appeals, all at once; the invalid ones are then withdrawn."""
    raw_tables.insert(drifted, "corrections", [
        {"correction_id": "K1", "period_type": "month", "period_start": "2026-02-01", "reason": REASON,
         "author": "数据员", "approved_by": "领导小组", "approved_at": "2026-03-11 10:00:00"},
        {"correction_id": "K2", "period_type": "month", "period_start": "2026-02-01", "reason": "未批准",
         "author": "数据员"},
        {"correction_id": "K3", "period_type": "month", "period_start": "2026-02-01", "reason": "自批",
         "author": "Li", "approved_by": "LI", "approved_at": "2026-03-11 10:00:00"},
        {"reason": "无编号"},
    ])
    raw_tables.insert(drifted, "appeals", [
        appeal(1, "C1", points_adjustment=5),
        appeal(2, "C2", submitted_at="2026-02-10 09:00:00", decision=None, decided_by=None, decided_at=None),
        appeal(3, "W1", subject_type="window", decision="rejected", decision_reason="录像不支持"),
        appeal(4, "C2", points_adjustment=5, decided_by="C2"),
        appeal(5, "C7", points_adjustment=5, appeal_id="A5\nappeals: row A1: forged"),
        appeal(6, "C2", points_adjustment=31),
        appeal(7, "C2", points_adjustment=5, rule_id="E9"),
        appeal(8, "公安", subject_type="department", points_adjustment=2, submitted_by="科长"),
        appeal(9, "C2", points_adjustment=5, submitted_by=None),
        appeal(10, "C2", points_adjustment=5, submitted_by="Wang", decided_by="WANG"),
        appeal(11, "C7", submitted_at="2015-12-30 09:00:00"),
    ])
    result = drifted.build(LATER, check=False)
    drifted.first_appeals = result
    drifted.execute(f"delete from {drifted.raw_schema}.appeals"
                    " where appeal_id in ('A4', 'A6', 'A7', 'A9', 'A10', 'A11') or appeal_id like 'A5%'")
    return drifted


def test_bad_appeals_are_named_and_not_applied(appealed):
    result = appealed.first_appeals
    assert result.returncode == 1
    assert "Failure in test appeals_follow_the_rules" in result.stdout
    for line in (
        "appeals: row A2: its decision was due on 2026-03-09",
        "appeals: row A4: C2 decided their own appeal",
        "appeals: row A6: an adjustment of 31.0000 points; allowed are 30.0000000000",
        'appeals: row A7: the published score has no rule "E9"',
        "appeals: row A9: it is decided without submitted_by",
        "appeals: row A10: WANG decided their own appeal",
        "appeals: row A11: it names no published score, and work_calendar.csv has not the year 2015",
        "WARN 1 corrections_name_a_published_period",
        "WARN 1 dispute_rows_have_an_id_of_their_own",
    ):
        assert line in result.stdout, line
    assert re.search(r"appeals: row A5appeals: row A1: forged~[0-9a-f]{16}: it names no published score", result.stdout)
    found = appealed.query("select appeal_id from {schema}.appeal_outcomes where problem is null order by 1")
    assert found.appeal_id.tolist() == ["A1", "A2", "A3", "A8"]


def test_a_correction_and_an_appeal_are_revisions_beside_the_old(appealed, first):
    output = verify(appealed, "--head", first["head"])
    assert "7 publications" in output  # the week that ended on 8 March is due, too
    revisions = appealed.query(f"""
        select revision, kind, correction_id, reason, author, approved_by, is_latest
        from {{schema}}.publications where {FEBRUARY} order by 1
    """)
    assert revisions.values.tolist() == [
        [1, "period", None, None, None, None, 0],
        [2, "correction", "K1", REASON, "数据员", "领导小组", 0],
        [3, "appeal", None, "A1, A8", None, None, 1],
    ]
    scores = appealed.query(f"""
        select subject_id, revision, composite_score, is_appealed from {{schema}}.published_scores
        where {FEBRUARY} and subject_type = 'clerk' order by 1, 2
    """)
    # C9 with ten late cases of 10.5 minutes: 10.25 on average, 119.75; 47.9 + 90 = 137.9.
    # C1 with 5 more points of efficiency: 122.5; 49 + 90 = 139. An appeal against C2 is pending.
    assert scores.values.tolist() == [
        ["C1", 1, Decimal("137"), 0], ["C1", 2, Decimal("137"), 0], ["C1", 3, Decimal("139"), 0],
        ["C2", 1, Decimal("157.6"), 0], ["C2", 2, Decimal("157.6"), 0], ["C2", 3, Decimal("157.6"), 1],
        ["C9", 1, Decimal("138"), 0], ["C9", 2, Decimal("137.9"), 0], ["C9", 3, Decimal("137.9"), 0],
    ]
    component = appealed.query(f"""
        select dimension, rule_id, rule_type, points, decided_by, decision_reason from {{schema}}.published_components
        where {FEBRUARY} and appeal_id = 'A1'
    """)
    assert component.values.tolist() == [["efficiency", "E1", "appeal", Decimal("5"), "复核组", "情况属实"]]
    ranked = appealed.query(
        f"select subject_id, rank_in_group, revision from {{schema}}.rankings where {FEBRUARY}"
        " and subject_type = 'clerk' order by 1"
    )
    assert ranked.values.tolist() == [["C1", 2, 3], ["C2", 1, 3], ["C9", 3, 3]]
    # The corrected period has no drift any more; the weeks, which were not corrected, still have.
    drift = appealed.query("select distinct period_type as t from {schema}.publication_drift")
    assert drift.t.tolist() == ["week"]


def test_outcomes_show_score_and_rank_before_and_after(appealed):
    outcomes = appealed.query("""
        select appeal_id, decision, decision_reason, due_on, is_overdue, revision_before, revision_after, score_before,
            score_after, rank_before, rank_after
        from {schema}.appeal_outcomes where appeal_id in ('A1', 'A2', 'A3') order by 1
    """)
    rows = [[str(cell) if name == "due_on" else cell for name, cell in row.items()]
            for row in outcomes.to_dict("records")]
    # Fifteen working days after 10 February: 11–14 (Saturday the 14th is worked), 24–28 after the Spring Festival
    # (Saturday the 28th is worked), 2–6 and 9 March. After 3 March: 4–6, 9–13, 16–20, 23 and 24 March.
    assert rows == [
        ["A1", "upheld", "情况属实", "2026-03-24", 0, 2, 3, Decimal("137"), Decimal("139"), 3, 2],
        ["A2", "pending", None, "2026-03-09", 1, 3, None, Decimal("157.6"), None, 1, None],
        ["A3", "rejected", "录像不支持", "2026-03-24", 0, 3, None, Decimal("137"), None, 3, None],
    ]


def test_a_second_correction_keeps_the_adjustment(appealed):
    # The department of A8 no longer exists, nor does its score.
    appealed.execute(f"update {appealed.raw_schema}.windows set department = '民政' where window_id = 'W1'")
    appealed.execute(f"update {appealed.raw_schema}.corrections set approved_by = '领导小组',"
                     " approved_at = '2026-03-11 11:00:00' where correction_id = 'K2'")
    result = appealed.build(LATER)
    dropped = "month 2026-02-01 revision 4 drops the adjustment of appeal A8: department 公安 has no efficiency score"
    assert dropped in result.stdout
    kept = appealed.query(f"""
        select appeal_id from {{schema}}.published_components
        where {FEBRUARY} and is_latest and rule_type = 'appeal'
    """)
    assert kept.appeal_id.tolist() == ["A1"]
    scores = appealed.query(f"""
        select revision, composite_score from {{schema}}.published_scores
        where {FEBRUARY} and subject_id = 'C1' and is_latest
    """)
    assert scores.values.tolist() == [[4, Decimal("139")]]
    before = ledger(appealed, "publications")
    appealed.build(LATER)
    assert ledger(appealed, "publications").equals(before)
    verify(appealed)


def test_audits_make_a_hall_provisional(restored):
    """Ten audits of C1: time off by 2 minutes in three (one of them also not completed), 7 of 10 match.

    Wilson, z = 1.96: (2 × 7 + 3.8416 ± 1.96 √(3.8416 + 4 × 7 × 3 / 10)) ÷ (2 × 13.8416)
    = (17.8416 ± 1.96 × 3.4988) ÷ 27.6832 = 0.396773 and 0.892211.
    H1 has 10.75 minutes on average: 12.5, and 9 since the replay.
    """
    raw_tables.insert(restored, "audit_samples", [
        {"audit_id": f"V{n}", "log_id": f"C1-{n}", "audited_at": "2026-02-12 10:00:00",
         "auditor": "甲" if n < 5 else "乙", "audited_process_time": 14.5 if n < 3 else 13,
         "audited_is_completed": int(n > 0)}
        for n in range(10)
    ] + [{"audit_id": "V99", "log_id": "NO-SUCH", "audited_process_time": 1}])
    result = restored.build(AS_OF)
    assert "WARN 1 audits_find_their_case" in result.stdout
    rows = restored.query(f"""
        select auditor, sample_count, match_count, time_match_count, completion_match_count, match_rate, match_rate_low,
            match_rate_high, is_below_minimum, composite_score, audited_composite_score
        from {{schema}}.audit_results where {FEBRUARY} order by auditor
    """)
    # Mean differences: (3 × 2 + 7 × 0.5) ÷ 10 = 0.95 minutes, −0.1 completed. H1: 10.75 minutes, 119.25; 180;
    # 47.7 + 108 = 155.7. Audited: 11.7 minutes, 90 % completed, 118.3; 47.32 + 108 = 155.32.
    assert rows.iloc[0].tolist() == [
        "*", 10, 7, 7, 9, Decimal("0.700000"), Decimal("0.396773"), Decimal("0.892211"), 1, Decimal("155.7"),
        Decimal("155.32"),
    ]
    assert rows[["auditor", "match_count"]].values.tolist() == [["*", 7], ["乙", 5], ["甲", 2]]
    scores = restored.query(
        f"select hall_id, is_provisional from {{schema}}.scores where {FEBRUARY} and subject_type = 'clerk' order by 1"
    )
    assert scores.values.tolist() == [["H1", 1], ["H1", 1], ["H2", 0]]


def test_a_build_killed_while_publishing_leaves_whole_publications(appealed):
    models = ("--select", "publish_due_periods int_appeals publish_upheld_appeals")

    def begin_again() -> None:
        appealed.execute(f"drop schema {appealed.schema}_ledger")

    begin_again()
    appealed.dbt("run", *models, as_of_date=LATER)
    head = head_of(verify(appealed))
    begin_again()
    build = appealed.start_dbt("run", *models, as_of_date=LATER)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if len(appealed.query("select 1 as n from {schema}_ledger.publications")) >= 2:
                break
        except mysql.connector.Error:  # the ledger does not exist yet
            pass
        time.sleep(0.005)
    build.kill()
    assert "publications with" in verify(appealed)
    appealed.dbt("run", *models, as_of_date=LATER)
    assert head_of(verify(appealed)) == head


def test_a_year_without_work_calendar_fails_loudly(appealed):
    calendar = appealed.read_seed("work_calendar")
    appealed.write_seed("work_calendar", calendar.head(1).assign(calendar_date="2027-01-01"))
    models = "work_calendar stg_work_calendar int_working_days int_appeals"
    result = appealed.build(LATER, "--select", models, check=False)
    appealed.write_seed("work_calendar", calendar)
    assert result.returncode == 1
    assert "work_calendar.csv: the deadline of appeal A1 needs the closing days of 2026" in result.stdout
