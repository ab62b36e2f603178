"""The verifier accepts the ledger: for every metric, for ids of any characters, and in format 1."""

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

import raw_tables
import verify_published
import warehouse
from conftest import Project
from raw_tables import cases, complaint, ratings
from test_bi import PASSWORD, Accounts
from test_publication import TABLES, appeal, head_of, ledger, publish_from, read_csv, rehash, verify, write_tampered

pytestmark = pytest.mark.once

AS_OF = "2026-04-10"
LATER = "2026-04-22"
# Two weeks saved in format 1: a rule on the percentile of waits, clerks C1 and C1 followed by character 1. The
# verifier of that time reported it as falsified.
FORMAT_1 = Path(__file__).parent / "ledger_format_1"
QUARTER = "period_type = 'quarter' and period_start = '2026-01-01'"
CLERKS = [f"C{n}" for n in range(10)]
# Ids of clerks in the marts: blanks and control characters at the ends, and characters special in SQL or
# CSV.
NAMES = ["C", "C\x01", "C\t", "C|1", "C%7C1", "引'号\"\\", "\\N", "😀,\r\n", "末尾 ", "-1:x"]


def fill(project: Project) -> None:
    """Insert a quarter of one hall in which every metric has a value, and a rule for each metric."""
    raw_tables.create(
        project, "service_log", "feedback", "complaints", "windows", "merit_records", "appeals", "corrections"
    )
    raw_tables.insert(project, "windows", [{"hall_id": "H1", "window_id": "W1", "department": "人社"}])
    for n, clerk in enumerate(CLERKS):
        names = {"window_id": "W1", "clerk_id": clerk}
        for day in ("2026-01-14", "2026-02-11"):
            raw_tables.insert(project, "service_log", [
                case | {"log_id": f"{clerk}-{day}-{place}", "item_code": "I01", "ticket_time": f"{day} 09:00:00",
                        "start_time": f"{day} 09:0{place}:{n:02}", "channel": ("online", "window")[place % 2]}
                for place, case in enumerate(cases(3, day, "H1", 7 + n / 7, completed=2, **names))
            ])
        raw_tables.insert(project, "feedback", [
            rating | {"callback_time": "2026-01-15 10:00:00" if place else None}
            for place, rating in enumerate(ratings([1, 1, 5], "2026-01-14", "H1", **names))
        ])
        raw_tables.insert(project, "complaints", [
            complaint("H1", "2026-01-14 09:00:00", f"2026-01-{day} 10:00:00", complaint_id=f"{clerk}-{day}", **names)
            for day in (14, 17)
        ])
    raw_tables.insert(project, "merit_records", [
        {"hall_id": "H1", "subject_type": "clerk", "subject_id": clerk, "date": "2026-01-14", "kind": "延时服务",
         "quantity": 1.5, "approved_by": "主任"} for clerk in CLERKS
    ])
    decided = {"valid_from": "2020-01-01", "decided_on": "2019-12-01", "reason": "-", "source": "-"}
    rules = project.read_seed("scoring_rules")
    blank = dict.fromkeys(rules.columns, "") | decided | {"rule_set": "standard", "label_zh": "甲|%", "label_en": "-"}
    bases = [blank | {"rule_id": f"B{n}", "dimension": name, "rule_type": "base", "points": "100"}
             for n, name in enumerate(("efficiency", "satisfaction"))]
    slopes = [blank | {"rule_id": f"R{n}", "dimension": "efficiency", "rule_type": "slope", "benchmark": "0",
                       "points_per_unit": "0.1", "metric": metric}
              for n, metric in enumerate(measured_metrics(project))]
    project.write_seed("scoring_rules", pd.DataFrame([
        *bases, *slopes, slopes[0] | {"rule_id": "S1", "dimension": "satisfaction"},
    ]))
    weights = project.read_seed("dimension_weights")
    project.write_seed("dimension_weights", weights[weights.dimension.isin(["efficiency", "satisfaction"])])
    project.write_seed("improvement_triggers", project.read_seed("improvement_triggers").head(0))
    publish_from(project, "2026-01-01")


def measured_metrics(project: Project) -> list[str]:
    catalogue = project.read_seed("metric_definitions")
    return catalogue[catalogue.is_measured == "1"].metric.tolist()


@pytest.fixture(scope="module")
def published(project: Project) -> Project:
    fill(project)
    project.build(AS_OF)
    return project


@pytest.fixture(scope="module")
def saved(published: Project, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("ledger")
    verify(published, "--save", folder)
    return folder


def difference(folder: Path, tmp_path: Path, capsys, apply) -> str:
    """Return the verifier's message for a changed ledger."""
    write_tampered({"folder": folder}, tmp_path, apply)
    assert verify_published.main(["--csv", str(tmp_path)]) == 1
    return capsys.readouterr().err


def test_a_ledger_with_a_rule_on_every_metric_verifies(published, saved):
    """Each has a value in one quarter; the ledger was verified when it was saved."""
    found = published.query(f"""
        select metric from {{schema}}.published_components
        where {QUARTER} and subject_type = 'hall' and value is not null
    """)
    assert set(found.metric) == set(measured_metrics(published))
    assert verify_published.main(["--csv", str(saved)]) == 0


def test_a_wrong_value_of_every_metric_is_found(published, saved, tmp_path, capsys):
    quarter = str(published.query(f"select publication_number as n from {{schema}}.publications where {QUARTER}").n[0])
    for metric in measured_metrics(published):

        def apply(rows: dict[str, list[dict]], metric=metric) -> None:
            row = next(
                row for row in rows["components"]
                if row["publication_number"] == quarter and row["subject_type"] == "hall" and row["metric"] == metric
            )
            row["value"] = str(verify_published.number(row["value"]) + 1)
            rehash("components", row)

        message = difference(saved, tmp_path, capsys, apply)
        assert re.search(r"components: publication \d+ line \d+ \(H1 hall .*: value \S+ is not", message), metric


def test_a_null_that_is_made_blank_is_found_in_every_column(saved, tmp_path, capsys):
    checked = 0
    for table in TABLES:
        for column in verify_published.TABLES[table]:
            place = next((n for n, row in enumerate(read_csv(saved, table)) if row[column] is None), None)
            if place is not None:
                message = difference(
                    saved, tmp_path, capsys,
                    lambda rows, t=table, n=place, c=column: rows[t][n].update({c: ""}),
                )
                assert f"{table}: publication" in message, column
                assert "the row is not the one that was hashed" in message, column
                checked += 1
    assert checked > 15


@pytest.mark.parametrize(("table", "change", "message"), [
    ("scores", lambda rows: [[*row[:-2], "999" if n else "composite_score", *row[-2:]] for n, row in enumerate(rows)],
     "column composite_score stands there 2 times"),
    ("publications", lambda rows: [[*row, "x" if n else "note"] for n, row in enumerate(rows)],
     "column note is not one of the ledger"),
    ("components", lambda rows: [rows[0], [*rows[1], "999"], *rows[2:]], "row 1 has 34 cells, and 33 columns"),
    ("dimension_scores", lambda rows: [*rows[:-1], rows[-1][:-1]], "cells, and"),
    ("scores", lambda rows: [row[1:] for row in rows], "column publication_number is missing"),
])
def test_a_file_with_more_or_less_than_its_columns_is_refused(saved, tmp_path, capsys, table, change, message):
    for name in TABLES:
        shutil.copy(saved / f"{name}.csv", tmp_path)
    path = tmp_path / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(change(rows))
    assert verify_published.main(["--csv", str(tmp_path)]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"error: {path}: ") and message in error


def test_the_database_is_read_as_it_was_when_the_verifier_began(published, monkeypatch):
    """On a server whose default isolation would show later publications."""
    connect = warehouse.connect

    def connect_to_such_a_server(*arguments):
        connection = connect(*arguments)
        cursor = connection.cursor()
        cursor.execute("set session transaction isolation level read committed")
        cursor.close()
        return connection

    monkeypatch.setattr(warehouse, "connect", connect_to_such_a_server)
    for name, value in published.environment.items():
        monkeypatch.setenv(name, value)
    reader = verify_published.DatabaseLedger(None)
    read = reader.publications()
    columns = ", ".join(verify_published.TABLES["components"])
    try:
        published.execute(
            f"insert into {published.schema}_ledger.components ({columns}, row_hash) select "
            + columns.replace("publication_number", "999") + f", row_hash from {published.schema}_ledger.components"
            " where publication_number = 1"
        )
        assert ledger(published, "components").publication_number.max() == 999
        assert reader.publications() == read
        assert max(reader.numbers("components")) == len(read)
        assert not reader.lines("components", "999")
    finally:
        reader.connection.close()
        published.execute(f"delete from {published.schema}_ledger.components where publication_number = 999")


def test_ids_of_any_characters_verify(published, saved, tmp_path):
    """Put directly into the marts, because staging trims ids, and published again."""
    published.execute(f"drop schema {published.schema}_ledger")
    for table in ("score_components", "dimension_scores", "scores"):
        # For the server, 末尾 with a trailing blank is the same subject.
        names = [name.rstrip(" ") if table == "scores" else name for name in NAMES]
        published.execute(
            f"update {published.schema}.{table} set subject_id = %s where subject_type = 'clerk' and subject_id = %s",
            list(zip(names, CLERKS, strict=True)),
        )
    published.dbt(
        "run", "--select", "publish_due_periods int_appeals publish_upheld_appeals", as_of_date=AS_OF
    )
    assert set(ledger(published, "components").subject_id) >= set(NAMES)
    head = head_of(verify(published, "--save", tmp_path))
    assert {row["subject_id"] for row in read_csv(tmp_path, "components")} >= set(NAMES)
    assert head == head_of(verify(published, "--csv", tmp_path))
    ordered = published.query("""
        select distinct subject_id as s, line_number as n from {schema}_ledger.scores
        where publication_number = 1 and subject_type = 'clerk' order by n
    """)
    assert ordered.s.tolist() == sorted(ordered.s, key=str.encode)


def test_files_saved_in_format_1_verify(tmp_path, capsys):
    assert verify_published.main(["--csv", str(FORMAT_1)]) == 0
    assert "2 publications with 64 rows" in capsys.readouterr().out
    for table in TABLES:
        shutil.copy(FORMAT_1 / f"{table}.csv", tmp_path)
    path = tmp_path / "components.csv"
    path.write_text(path.read_text("utf-8").replace('"38.0000000000","10', '"37.0000000000","10', 1), "utf-8")
    assert verify_published.main(["--csv", str(tmp_path)]) == 1
    assert "line 3 (H1 clerk C1\ufffd efficiency E2): the row is not the one" in capsys.readouterr().err


def load_format_1(project: Project) -> None:
    """Create a ledger of format 1 with the saved rows."""
    project.execute(f"drop schema if exists {project.schema}_ledger")
    project.dbt("run", "--select", "stg_units", as_of_date=AS_OF)
    project.execute(f"alter table {project.schema}_ledger.components drop column is_divided")
    for table in TABLES:
        rows = [{name: cell or None for name, cell in row.items()} for row in read_csv(FORMAT_1, table)]
        if table == "publications":
            rows = [row | {"published_at": "2026-04-15 12:00:00", "build_id": "old"} for row in rows]
        names = list(rows[0])
        project.execute(
            f"insert into {project.schema}_ledger.{table} ({', '.join(names)})"
            f" values ({', '.join(['%s'] * len(names))})",
            [tuple(row.values()) for row in rows],
        )


def test_a_ledger_of_format_1_stays_and_takes_new_publications(published):
    load_format_1(published)
    before = {table: ledger(published, table) for table in TABLES}
    head = head_of(verify(published))
    publish_from(published, "2026-03-30")
    raw_tables.insert(published, "appeals", [appeal(
        1, "C1", period_type="week", period_start="2026-03-30", points_adjustment=5,
        submitted_at="2026-04-16 09:00:00", decided_at="2026-04-20 15:00:00",
    )])
    accounts = Accounts(published)
    kept, profiles = published.environment, published.folder / "profiles.yml"
    text = profiles.read_text("utf-8")
    try:
        profiles.write_text(text.replace("username: root", f"username: {accounts.builder}"), "utf-8")
        published.environment = kept | {
            "HALL_SCORES_USER": accounts.builder, "DBT_ENV_SECRET_HALL_SCORES_PASSWORD": PASSWORD,
            "DBT_ENV_SECRET_HALL_SCORES_EMBEDDED": PASSWORD,
        }
        refused = published.build(LATER, check=False)
        assert refused.returncode != 0
        assert "请数据库管理员执行一次下面的语句" in refused.stdout
        assert "run this statement once" in refused.stdout
        assert re.search(r"SKIP relation \S+\.scores ", refused.stdout)
        published.execute(re.search(r"alter table .*(?=;)", refused.stdout)[0])
        published.build(LATER)
    finally:
        published.environment = kept
        profiles.write_text(text, "utf-8")
        accounts.close()
    assert "4 publications" in verify(published, "--head", head)
    for table in TABLES:
        rows = ledger(published, table)
        old = rows[rows.publication_number <= 2]
        assert old[before[table].columns].reset_index(drop=True).equals(before[table]), table
        if table == "components":
            assert old.is_divided.isna().all()
    found = published.query("""
        select publications.publication_number, publications.period_type, publications.revision,
            publications.format_version, components.is_divided
        from {schema}_ledger.publications as publications
        left join {schema}_ledger.components as components
            on publications.publication_number = components.publication_number
            and components.metric = 'p90_wait_minutes' and components.subject_id = 'C1'
        order by 1
    """)
    # The appeal copies the rows of format 1, with their missing values.
    assert found.values.tolist() == [
        [1, "week", 1, 1, None], [2, "week", 1, 1, None], [3, "week", 1, 2, 0], [4, "week", 2, 2, 0],
    ]


def test_who_may_alter_the_ledger_need_do_nothing(published):
    load_format_1(published)
    published.dbt("run", "--select", "stg_units", as_of_date=AS_OF)
    columns = published.query("""
        select column_name as name, column_comment as comment from information_schema.columns
        where table_schema = '{schema}_ledger' and table_name = 'components' order by ordinal_position
    """).set_index("name").comment
    assert list(columns.index) == [*verify_published.TABLES["components"], "row_hash"]
    assert "numerator" in columns["is_divided"]
    assert ledger(published, "components").is_divided.isna().all()
